"""Warm sessions of a real worker: how many, for how long, and that one slow server does not hold up the others."""

import sys
from pathlib import Path

from harness.models.job import PlannedFile
from harness.models.outcomes import AttemptOutcome
from harness.models.server import Server
from tests.conftest import CallLog
from tests.integration.workers.farm import Farm, plan_of, tool_test
from tests.processes import alive
from tests.waiting import wait_until


def test_a_target_gets_no_more_sessions_than_it_may(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=8)

    farm.publish(plan_of([tool_test(n, "sleep", {"seconds": 0.02}) for n in range(40)], call_log))

    records = farm.wait_for_records(40)
    assert len(call_log.starts()) == 2
    assert {start for record in records for start in record.sessions_started} == {
        record.session.session_id for record in records if record.session
    }


def test_the_suites_own_limit_goes_before_the_workers(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=8)

    farm.publish(plan_of([tool_test(n) for n in range(20)], call_log, max_concurrency=1))

    farm.wait_for_records(20)
    assert len(call_log.starts()) == 1


def test_sessions_are_never_shared_between_runs(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker()
    plan = plan_of([tool_test(0, "count")], call_log)

    farm.publish(plan, "first")
    farm.wait_for_records(1, "first")
    farm.publish(plan, "second")
    farm.wait_for_records(1, "second")

    assert len(call_log.starts()) == 2


def test_an_idle_session_is_closed_after_a_while(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(MCPF_IDLE_SESSION_S="0.5")

    farm.publish(plan_of([tool_test(0)], call_log))

    farm.wait_for_records(1)
    (pid,) = call_log.starts()
    wait_until(lambda: not alive(pid), message="the idle server to be closed")
    wait_until(lambda: not list((farm.directory / "scratch").glob("*/sandbox-*")), message="its sandbox to be removed")


def test_the_longest_idle_session_makes_room(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(MCPF_MAX_SESSIONS="2")
    for run in ("a", "b", "c"):
        farm.publish(plan_of([tool_test(0)], call_log), run)
        farm.wait_for_records(1, run)

    first, second, third = call_log.starts()

    wait_until(lambda: not alive(first), message="the oldest server to be closed")
    assert alive(second) and alive(third)


def test_a_slow_server_does_not_hold_up_the_others(farm: Farm, tmp_path: Path) -> None:
    farm.start_worker(slots=4)
    slow = tmp_path / "slow.py"
    slow.write_text("import time; time.sleep(60)")
    never_up = Server(command=sys.executable, args=("-I", "-S", str(slow)), startup_timeout_seconds=20)

    farm.publish(plan_of([tool_test(n) for n in range(2)], server=never_up), "slow")
    farm.publish(plan_of([tool_test(n) for n in range(20)]), "quick")

    farm.wait_for_records(20, "quick", within_s=10)
    assert farm.records("slow") == []


def test_a_server_finds_the_files_of_its_suite(farm: Farm) -> None:
    farm.start_worker()
    files = (PlannedFile(target="folder/hello.txt", digest=farm.put_blob(b"hello from the bundle")),)
    read = tool_test(0, "read_file", {"path": "${sandbox}/folder/hello.txt"})

    farm.publish(plan_of([read], files=files))

    (record,) = farm.wait_for_records(1)
    assert record.outcome is AttemptOutcome.PASSED


def test_a_file_that_is_missing_makes_the_test_lost(farm: Farm) -> None:
    farm.start_worker()

    farm.publish(plan_of([tool_test(0)], files=(PlannedFile(target="hello.txt", digest="0" * 64),)))

    (record,) = farm.wait_for_records(1)
    assert record.outcome is AttemptOutcome.LOST


def test_only_the_test_that_kills_its_server_is_blamed(farm: Farm, call_log: CallLog) -> None:
    farm.start_worker(slots=8)
    tests = [tool_test(n, "die" if n == 25 else "echo") for n in range(50)]

    farm.publish(plan_of(tests, call_log))

    records = farm.wait_for_records(50)
    assert [record.number for record in records if record.outcome is not AttemptOutcome.PASSED] == [25]
    assert call_log.calls("die") == 2


def test_a_test_that_passes_its_confirmation_passes_with_a_note(farm: Farm) -> None:
    farm.start_worker()

    farm.publish(plan_of([tool_test(0, "die_once")]))

    (record,) = farm.wait_for_records(1)
    assert record.outcome is AttemptOutcome.PASSED
    assert record.session is not None and record.session.confirmed
    assert "confirmed on a fresh one" in record.notes[0] and len(record.sessions_started) == 2
