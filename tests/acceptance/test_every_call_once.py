"""A server that counts sees exactly as many calls as there are tests, and nothing of it is left."""

from pathlib import Path

import pytest

from tests.acceptance.command import echo_test, run_command, write_suite
from tests.conftest import CallLog, plain_server
from tests.processes import alive
from tests.waiting import wait_until

TESTS = 60


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("slots", [1, 16])
def test_calls_equal_tests_and_starts_equal_sessions(
    tmp_path: Path, state_dir: Path, call_log: CallLog, workers: int, slots: int
) -> None:
    tests = [echo_test(f"t{number}") for number in range(TESTS)]
    suite = write_suite(tmp_path / "counting.yaml", plain_server(call_log), {"echo": tests})

    done = run_command(["run", "--workers", str(workers), "--concurrency", str(slots), str(suite)], state_dir)

    assert (done.exit_code, set(done.outcomes().values())) == (0, {"passed"}), done.stderr
    assert call_log.calls() == TESTS
    assert done.report is not None
    sessions = [id for test in done.report.tests for a in test.attempts for id in a.record.sessions_started]
    assert len(call_log.starts()) == len(sessions) == len(set(sessions))
    wait_until(lambda: not any(map(alive, call_log.starts())), 5, "a server outlived its run")


def test_with_one_slot_and_one_worker_all_tests_share_one_server(
    tmp_path: Path, state_dir: Path, call_log: CallLog
) -> None:
    tests = [echo_test(f"t{number}") for number in range(20)]
    suite = write_suite(tmp_path / "shared.yaml", plain_server(call_log), {"echo": tests})

    assert run_command(["run", "--workers", "1", "--concurrency", "1", str(suite)], state_dir).exit_code == 0

    assert len(call_log.starts()) == 1


def test_fresh_isolation_gives_each_test_its_own_server(tmp_path: Path, state_dir: Path, call_log: CallLog) -> None:
    tests = [{"name": f"t{n}", "expected": {"fields": [{"path": "$[0].text", "value": "1"}]}} for n in range(5)]
    suite = write_suite(tmp_path / "fresh.yaml", plain_server(call_log), {"count": tests}, isolation="fresh")

    done = run_command(["run", str(suite)], state_dir)

    assert set(done.outcomes().values()) == {"passed"}, done.stdout
    assert len(call_log.starts()) == 5
