"""Runs of a state directory, seen and cancelled from another terminal."""

import json
import re
from pathlib import Path

from harness.models.outcomes import TestOutcome
from harness.models.run import RunReport
from tests.acceptance.cli.running import Running, running
from tests.acceptance.command import read_report, run_command, write_suite
from tests.conftest import CallLog, plain_server
from tests.processes import alive
from tests.waiting import wait_until


def slow_run(tmp_path: Path, log: CallLog) -> list[str]:
    """A run of six tests, two at a time, each of a minute."""
    tests = [{"name": f"slow {number}", "input": {"seconds": 60}} for number in range(6)]
    limits = {"max_concurrency": 2}
    suite = write_suite(tmp_path / "slow.yaml", plain_server(log), {"sleep": tests}, test_config=limits)
    return ["run", str(suite), "--output", str(tmp_path / "out")]


def id_of(command: Running) -> str:
    """The id of its run, as it tells it."""
    found = re.search(r"run ([0-9a-f]{12})", command.stderr.read_text())
    assert found is not None
    return found[1]


def test_another_command_ends_a_run_and_its_reason_is_kept(tmp_path: Path, state_dir: Path, call_log: CallLog) -> None:
    with running(slow_run(tmp_path, call_log), state_dir) as command:
        wait_until(lambda: call_log.calls("sleep") == 2, 40)
        run_id = id_of(command)
        done = run_command(["cancel", run_id[:6], "--reason", "wrong suite"], state_dir)

        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout == f"run {run_id} (slow.yaml) is cancelled with 6 tests open\n"
        assert command.wait(25) == 6, command.stderr.read_text()
        command.wait_nothing_left()
    assert "stopping: cancelled by another command: wrong suite; ending the tests in flight" in (
        command.stderr.read_text()
    )
    report = read_report(tmp_path / "out")
    assert report is not None
    assert report.run.totals == {TestOutcome.CANCELLED: 6}
    assert "cancelled by another command: wrong suite" in {test.reason for test in report.tests}
    assert call_log.calls("sleep") == 2
    assert not any(map(alive, call_log.starts()))

    again = run_command(["cancel", "last"], state_dir)
    assert (again.exit_code, again.stdout) == (0, f"run {run_id} (slow.yaml) has ended already; nothing to cancel\n")
    unknown = run_command(["cancel", "fff"], state_dir)
    assert (unknown.exit_code, unknown.stderr) == (2, "error: there is no run 'fff'; `last` names the newest one\n")


def test_a_run_whose_command_was_killed_is_shown_as_such_and_can_be_cancelled(
    tmp_path: Path, state_dir: Path, call_log: CallLog
) -> None:
    assert run_command(["runs"], state_dir).stderr == "no runs\n"
    with running(slow_run(tmp_path, call_log), state_dir) as command:
        wait_until(lambda: call_log.calls("sleep") == 2, 40)
        command.look()
        command.process.kill()
        command.wait()
        command.wait_nothing_left()
    run_id = id_of(command)

    listed = run_command(["runs"], state_dir)
    assert re.search(rf"(?m)^{run_id}  running  6 open .* the command that ran it was killed", listed.stdout)
    (told,) = json.loads(run_command(["runs", "--json"], state_dir).stdout)["runs"]
    assert (told["run_id"], told["state"], told["total"]) == (run_id, "running", 6)
    assert "was killed" in run_command(["cancel", "last", "--reason", "late"], state_dir).stdout
    short = write_suite(tmp_path / "next.yaml", plain_server(), {"echo": [{"name": "x", "input": {"text": "x"}}]})
    assert run_command(["run", str(short)], state_dir).exit_code == 0
    closed = RunReport.model_validate_json(run_command(["report", run_id, "--format", "json"], state_dir).stdout)
    assert (closed.run.state, closed.run.exit_code, closed.run.open) == ("closed", 6, 0)
    assert "cancelled by another command: late" in {test.reason for test in closed.tests}
