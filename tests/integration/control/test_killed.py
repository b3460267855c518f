"""`control` killed for real, by SIGKILL, at the one moment that matters: committed, not yet acknowledged."""

import signal
import subprocess
import sys

from harness.models.run import RunState
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm
from scheduler.settings import FarmSettings
from tests.integration.control.fake_worker import FakeWorker, fails
from tests.integration.control.runs import (
    accepted,
    assert_totals_agree,
    outcomes,
    report,
    submit_suites,
    suite_text,
    view,
)
from workers.leases import records_key

DIES_BEFORE_XACK = """
import os, signal, sys
from scheduler.control.aggregate import merge_or_split
from scheduler.control.farm import open_farm
from scheduler.control.stream import RecordStream
from scheduler.settings import FarmSettings

with open_farm(FarmSettings.model_validate_json(sys.argv[1])) as farm:
    run_id = sys.argv[2]
    merge_or_split(farm, run_id, RecordStream(farm.redis, run_id, consumer="killed").read())
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_every_test_is_recorded_once_when_control_dies_between_commit_and_xack(
    farm: Farm, settings: FarmSettings
) -> None:
    run = submit_suites(farm, suite_text(6, test_config={"max_concurrency": 64}))
    dispatch(farm)
    FakeWorker(farm).work(fails(2), limit=4)

    command = [sys.executable, "-c", DIES_BEFORE_XACK, settings.model_dump_json(), run.run_id]
    killed = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert farm.redis.xpending(records_key(run.run_id), "control")["pending"] == 4
    assert view(farm, run.run_id).open == 2, "what was committed counts already"
    FakeWorker(farm).work()
    aggregate(farm, run.run_id, reclaim_idle_ms=0)
    assert view(farm, run.run_id).state is RunState.CLOSED
    assert outcomes(farm, run.run_id).count("failed") == 1
    assert [accepted(test) for test in report(farm, run.run_id).tests] == [1] * 6
    assert view(farm, run.run_id).stale_records == 0
    assert_totals_agree(farm, run.run_id)
