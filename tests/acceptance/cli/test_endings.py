"""Runs that are disturbed: interrupted, killed, two at once. Nothing is lost that was there, and nothing is left."""

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from harness.models.outcomes import TestOutcome
from harness.models.run import RunReport
from tests.acceptance.cli.running import Running, commands_of, running
from tests.acceptance.command import echo_test, read_report, run_command, write_suite
from tests.conftest import SERVERS, CallLog, plain_server
from tests.processes import alive
from tests.waiting import wait_until


def slow_suite(tmp_path: Path, log: CallLog, seconds: float = 60) -> Path:
    """Two quick tests, then ones that take `seconds` each."""
    tools = {
        "echo": [echo_test("quick 1"), echo_test("quick 2")],
        "sleep": [{"name": f"slow {number}", "input": {"seconds": seconds}} for number in range(6)],
    }
    return write_suite(tmp_path / "slow.yaml", plain_server(log), tools)


def in_full_swing(command: Running, log: CallLog) -> None:
    """Wait until slow tests run and the quick ones are stored; remember all processes."""
    wait_until(lambda: log.calls("sleep") >= 1 and command.stderr.read_text().count("PASS ") == 2, 40)
    command.look()


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_one_signal_ends_the_run_cleanly(
    tmp_path: Path, state_dir: Path, call_log: CallLog, number: signal.Signals, exit_code: int
) -> None:
    args = ["run", "-v", str(slow_suite(tmp_path, call_log)), "--output", str(tmp_path / "out")]
    with running(args, state_dir) as command:
        in_full_swing(command, call_log)
        command.process.send_signal(number)

        assert command.wait(25) == exit_code, command.stderr.read_text()
        command.wait_nothing_left()
    assert f"stopping: interrupted by {number.name}" in command.stderr.read_text()
    report = read_report(tmp_path / "out")
    assert report is not None, "no partial report"
    assert report.run.totals[TestOutcome.PASSED] == 2
    assert set(report.run.totals) <= {TestOutcome.PASSED, TestOutcome.CANCELLED, TestOutcome.NOT_RUN}
    assert report.run.open == 0
    assert (tmp_path / "out" / "junit.xml").exists()
    assert not any(map(alive, call_log.starts()))


def test_a_second_ctrl_c_ends_everything_at_once(tmp_path: Path, state_dir: Path, call_log: CallLog) -> None:
    temp = tmp_path / "temp"
    temp.mkdir()
    with running(["run", "-v", str(slow_suite(tmp_path, call_log))], state_dir, TMPDIR=str(temp)) as command:
        in_full_swing(command, call_log)
        os.kill(command.process.pid, signal.SIGSTOP)  # so that both are there before it can act on the first
        command.process.send_signal(signal.SIGINT)
        command.process.send_signal(signal.SIGTERM)
        command.process.send_signal(signal.SIGCONT)

        assert command.wait(5) in (130, 143)
        command.wait_nothing_left()
        wait_until(lambda: not any(map(alive, call_log.starts())))
    assert list(temp.iterdir()) == []


def test_kill_9_of_the_command_leaves_nothing_and_its_results_can_be_read(
    tmp_path: Path, state_dir: Path, call_log: CallLog
) -> None:
    with running(["run", "-v", str(slow_suite(tmp_path, call_log))], state_dir) as command:
        in_full_swing(command, call_log)
        command.process.kill()

        assert command.wait() == -signal.SIGKILL
        command.wait_nothing_left()
        wait_until(lambda: not any(map(alive, call_log.starts())), 10, "a server outlived the command")
    named = re.search(r"run ([0-9a-f]{12})", command.stderr.read_text())
    assert named is not None
    assert "2 passed" in run_command(["report", "last"], state_dir).stdout
    again = run_command(["run", str(slow_suite(tmp_path, call_log, seconds=0.01))], state_dir)
    assert again.exit_code == 0, "the next run in the same state directory is its own"
    killed = run_command(["report", named[1], "--format", "json"], state_dir)
    report = RunReport.model_validate_json(killed.stdout)
    assert (report.run.state, report.run.exit_code, report.run.open) == ("closed", 6, 0)
    assert report.run.totals[TestOutcome.PASSED] == 2
    assert {test.reason for test in report.tests if test.outcome == "not_run"} == {"the command that ran it was killed"}


def test_kill_9_of_a_worker_costs_no_test(tmp_path: Path, state_dir: Path, call_log: CallLog) -> None:
    args = [
        "run",
        "-v",
        "--workers",
        "2",
        str(slow_suite(tmp_path, call_log, seconds=3)),
        "--output",
        str(tmp_path / "out"),
    ]
    with running(args, state_dir) as command:
        in_full_swing(command, call_log)
        victim, _ = command.workers()
        os.kill(victim, signal.SIGKILL)

        assert command.wait(60) == 0, command.stderr.read_text()
        command.wait_nothing_left()
    assert "died (signal SIGKILL" in command.stderr.read_text()
    report = read_report(tmp_path / "out")
    assert report is not None
    assert report.run.totals == {TestOutcome.PASSED: 8}
    for test in report.tests:
        assert sum(not (a.stale or a.superseded) and a.record.outcome == "passed" for a in test.attempts) == 1


def test_kill_9_of_its_redis_ends_the_run_and_the_report_has_what_was_known(
    tmp_path: Path, state_dir: Path, call_log: CallLog
) -> None:
    args = ["run", "-v", str(slow_suite(tmp_path, call_log)), "--output", str(tmp_path / "out")]
    with running(args, state_dir) as command:
        in_full_swing(command, call_log)
        (redis,) = commands_of(command.look(), "unixsocket:")
        os.kill(redis, signal.SIGKILL)

        assert command.wait(25) == 4, command.stderr.read_text()
        command.wait_nothing_left()
    said = command.stderr.read_text()
    assert "error: the embedded Redis" in said
    assert "Traceback" not in said
    assert "2 passed" in command.stdout.read_text()
    report = read_report(tmp_path / "out")
    assert report is not None
    assert report.run.totals == {TestOutcome.PASSED: 2}
    assert (tmp_path / "out" / "junit.xml").exists()


@pytest.mark.timeout(180)
def test_a_stopped_worker_costs_no_test(tmp_path: Path, state_dir: Path, call_log: CallLog) -> None:
    suite = slow_suite(tmp_path, call_log, seconds=3)
    with running(["run", "-v", "--workers", "1", str(suite), "--output", str(tmp_path / "out")], state_dir) as command:
        in_full_swing(command, call_log)
        os.kill(*command.workers(), signal.SIGSTOP)

        assert command.wait(120) == 0, command.stderr.read_text()
        command.wait_nothing_left()
    assert "died (no heartbeat for 20 s" in command.stderr.read_text()
    report = read_report(tmp_path / "out")
    assert report is not None and report.run.totals == {TestOutcome.PASSED: 8}


def test_a_stopped_worker_does_not_outlive_kill_9_of_the_command(
    tmp_path: Path, state_dir: Path, call_log: CallLog
) -> None:
    with running(["run", "-v", str(slow_suite(tmp_path, call_log))], state_dir) as command:
        in_full_swing(command, call_log)
        for worker in command.workers():
            os.kill(worker, signal.SIGSTOP)
        command.process.kill()

        command.wait()
        command.wait_nothing_left()
        wait_until(lambda: not any(map(alive, call_log.starts())), 10, "a server outlived the command")


def test_a_server_that_stops_its_keeper_is_gone_when_the_run_ends(tmp_path: Path, state_dir: Path) -> None:
    stopper = {"command": sys.executable, "args": ["-E", "-S", str(SERVERS / "stopper.py")]}
    suite = write_suite(tmp_path / "stopper.yaml", stopper, {"go": [{"name": "stops it"}]})
    with running(["run", "--timeout", "1", str(suite), "--output", str(tmp_path / "out")], state_dir) as command:
        wait_until(lambda: commands_of(command.look(), "stopper.py"), 40, "no server is seen")
        wait_until(lambda: not command.look() and command.process.poll() is not None, 60, "the run does not end")
        command.wait_nothing_left()
    report = read_report(tmp_path / "out")
    assert report is not None and report.run.totals == {TestOutcome.TIMEOUT: 1}


def test_two_runs_at_once_in_one_state_directory_do_not_disturb_each_other(
    tmp_path: Path, state_dir: Path, call_log: CallLog
) -> None:
    tests = [{"name": f"t{number}", "input": {"seconds": 0.1}} for number in range(30)]
    suite = write_suite(tmp_path / "a.yaml", plain_server(call_log), {"sleep": tests})
    args = ["run", "--concurrency", "4", str(suite), "--output"]
    with (
        running([*args, str(tmp_path / "1")], state_dir) as one,
        running([*args, str(tmp_path / "2")], state_dir) as two,
    ):
        assert (one.wait(60), two.wait(60)) == (0, 0), one.stderr.read_text() + two.stderr.read_text()
    reports = [read_report(tmp_path / name) for name in "12"]
    assert len({report.run.run_id for report in reports if report}) == 2
    assert all(report and report.run.totals == {TestOutcome.PASSED: 30} for report in reports)
    assert call_log.calls() == 60


def test_a_run_leaves_no_private_folder(tmp_path: Path, state_dir: Path) -> None:
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"echo": [echo_test("one")]})
    temp = tmp_path / "temp"
    temp.mkdir()

    assert run_command(["run", str(suite)], state_dir, TMPDIR=str(temp)).exit_code == 0
    assert list(temp.iterdir()) == []
