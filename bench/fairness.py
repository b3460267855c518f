"""Who waits for whom on a real farm: an interactive run beside a large one, projects by weight, a cancel.

Everything is taken from the records: when attempts started and ended, by the workers' clocks.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from harness.models.attempt import AttemptRecord
from harness.models.run import RunReport, RunRequest, RunState, RunView
from harness.suites.bundle import pack
from harness.suites.load import load_paths
from scheduler.console.cli.farm_client import FarmClient
from tests.acceptance.farm.conftest import serve
from tests.waiting import wait_until

SERVER = Path(__file__).parents[1] / "tests" / "servers" / "plain.py"
TEST_S = 1.0
"""The mean. Single tests take three quarters to five quarters of it: equal ones start in step, and then a figure only
tells at which moment of a step the run was submitted."""
WORKERS, SLOTS = 2, 8
RUN_S = 120.0
WEIGHTS = {"light": 1, "heavy": 3}
STEADY_S = 12.0
"""How long shares of the slots are looked at, after the same time to settle."""


def measure_fairness() -> dict[str, float]:
    """All of it, on one farm."""
    with tempfile.TemporaryDirectory() as folder, _farm(Path(folder)) as client:
        return {**_interactive(client, Path(folder)), **_shares(client, Path(folder)), **_cancel(client, Path(folder))}


def _interactive(client: FarmClient, folder: Path) -> dict[str, float]:
    """A run of 20 while one of 5,000 is going."""
    large = _submit(client, folder, "large", 5000)
    _wait_for_attempts(client, large, 50)
    small = _submit(client, folder, "small", 20)
    records = _records(_finished(client, small))
    waits = sorted(_wait_s(record, small) for record in records)
    client.cancel(large.run_id, "measured")
    _finished(client, large)
    return {"interactive_wait_p95_in_tests": waits[int(0.95 * len(waits)) - 1] / TEST_S}


def _wait_s(record: AttemptRecord, run: RunView) -> float:
    """From the submission to the call."""
    return (record.started_at - run.created_at).total_seconds() + record.timing.session_wait_s


def _shares(client: FarmClient, folder: Path) -> dict[str, float]:
    """Two projects of weights 1 and 3, both with more than enough to do."""
    runs = {project: _submit(client, folder, project, 2000, project) for project in WEIGHTS}
    time.sleep(2 * STEADY_S)
    for run in runs.values():
        client.cancel(run.run_id, "measured")
    records = {project: _records(_finished(client, run)) for project, run in runs.items()}
    end = min(max(record.started_at for record in found) for found in records.values()).timestamp()
    busy_s = {project: _busy_s(found, end - STEADY_S, end) for project, found in records.items()}
    return {"light_share_of_slots": busy_s["light"] / sum(busy_s.values())}


def _busy_s(records: Sequence[AttemptRecord], start: float, end: float) -> float:
    """Seconds of slots that these attempts took between two moments."""
    spans = ((record.started_at.timestamp(), record.ended_at.timestamp()) for record in records)
    return sum(max(0.0, min(end, last) - max(start, first)) for first, last in spans)


def _cancel(client: FarmClient, folder: Path) -> dict[str, float]:
    """A run of 5,000 is cancelled: when did the last test start after that, when did the last one end?"""
    run = _submit(client, folder, "cancelled", 5000)
    _wait_for_attempts(client, run, 50)
    asked = time.time()
    client.cancel(run.run_id, "measured")
    records = _records(_finished(client, run))
    return {
        "last_start_after_cancel_s": max(record.started_at.timestamp() for record in records) - asked,
        "last_end_after_cancel_s": max(record.ended_at.timestamp() for record in records) - asked,
    }


def _submit(client: FarmClient, folder: Path, name: str, tests: int, project: str = "default") -> RunView:
    place = folder / name
    place.mkdir()
    tests_of = [{"name": f"t{n}", "input": {"seconds": _length_s(n)}} for n in range(tests)]
    suite = {
        "name": name,
        "server": {"command": sys.executable, "args": ["-I", "-S", str(SERVER)]},
        "test_config": {"max_concurrency": 64},
        "tools": [{"name": "sleep", "tests": tests_of}],
    }
    (place / "suite.yaml").write_text(yaml.safe_dump(suite))
    packed = pack(place, load_paths([place]))
    client.upload(packed.contents)
    return client.submit(RunRequest(bundle=packed.digest, project=project))


def _length_s(number: int) -> float:
    return TEST_S * (0.75 + 0.05 * (number * 7 % 11))


def _wait_for_attempts(client: FarmClient, run: RunView, count: int) -> None:
    wait_until(lambda: sum(client.view(run.run_id).totals.values()) >= count, RUN_S, "too few attempts")


def _finished(client: FarmClient, run: RunView) -> RunReport:
    wait_until(lambda: client.view(run.run_id).state is RunState.CLOSED, RUN_S, "the run is not closed")
    return client.report(run.run_id)


def _records(report: RunReport) -> list[AttemptRecord]:
    return [attempt.record for test in report.tests for attempt in test.attempts]


@contextmanager
def _farm(folder: Path) -> Iterator[FarmClient]:
    """`serve` with two workers, and a client with its admin key."""
    settings = {
        "MCPF_SLOTS": str(SLOTS),
        "MCPF_PROJECT_WEIGHTS": json.dumps(WEIGHTS),
        "MCPF_SESSIONS_PER_TARGET": str(SLOTS),
        "MCPF_MAX_SESSIONS": str(3 * SLOTS),
    }
    served = serve(folder / "state", "--workers", str(WORKERS), **settings)
    try:
        served.wait_ready()
        with FarmClient(served.url, served.key) as client:
            yield client
    finally:
        served.stop()
