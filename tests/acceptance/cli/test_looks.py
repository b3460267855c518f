"""`status`, `attempts` and `workers`: here, and on a farm."""

import json
import os
import pty
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.models.outcomes import TestOutcome
from harness.models.run import RunState, RunStatus, TestReport, WorkerView
from tests.acceptance.cli.farm import ServedFarm, served_farm
from tests.acceptance.cli.running import running
from tests.acceptance.command import COMMAND, echo_test, environment, run_command, write_suite
from tests.conftest import CallLog, plain_server
from tests.terminal import Screen
from tests.waiting import wait_until

WRONG = {"name": "wrong", "input": {"text": "hello"}, "expected": {"fields": [{"path": "$[0].text", "value": "bye"}]}}
RETRIED = {"retry": {"max_retries": 1, "retry_delay_ms": 10, "exponential_backoff": False}}
NO_FARM = "no farm in this state directory; workers of a running command are its own\n"


@pytest.fixture(scope="module")
def farm_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("farm")


@pytest.fixture(scope="module")
def farm(farm_dir: Path) -> Iterator[ServedFarm]:
    with served_farm(farm_dir) as served:
        yield served


def failing_suite(folder: Path) -> Path:
    """One test that passes and one that fails, twice."""
    tools = {"echo": [echo_test("right"), WRONG]}
    return write_suite(folder / "a.yaml", plain_server(), tools, test_config=RETRIED)


def slow_suite(folder: Path, log: CallLog) -> Path:
    """Three tests of a minute, of which two run at a time."""
    tests = [{"name": f"slow {number}", "input": {"seconds": 60}} for number in range(3)]
    return write_suite(folder / "a.yaml", plain_server(log), {"sleep": tests}, test_config={"max_concurrency": 2})


def status_of(shown: str) -> RunStatus:
    return RunStatus.model_validate(json.loads(shown)["status"])


@pytest.mark.parametrize("place", ["here", "there"])
def test_a_run_that_has_ended_is_told_with_its_failures_and_each_tests_history(
    tmp_path: Path, state_dir: Path, place: str, request: pytest.FixtureRequest
) -> None:
    there = {}
    if place == "there":
        farm = request.getfixturevalue("farm")
        there = {"MCPF_FARM": farm.url, "MCPF_KEY": farm.key}
    run = run_command(["run", str(failing_suite(tmp_path))], state_dir, **there)
    assert run.exit_code == 1 and run.report is not None, run.stderr

    told = run_command(["status", "last"], state_dir, **there)
    assert (told.exit_code, told.stderr) == (0, "")
    assert f"run {run.report.run.run_id} (a.yaml): closed with exit code 1" in told.stdout
    assert "2 of 2 tests (100%): 1 passed, 1 failed" in told.stdout and "retries used: 1" in told.stdout
    assert re.search(r"(?m)^  FAIL .* a/.*/wrong  ", told.stdout), told.stdout
    status = status_of(run_command(["status", run.report.run.run_id[:6], "--json"], state_dir, **there).stdout)
    assert status.run == run.report.run

    history = run_command(["attempts", "last", "echo/wrong"], state_dir, **there)
    assert (history.exit_code, history.stderr) == (0, "")
    rows = [line for line in history.stdout.splitlines() if re.match(r"\d+ ", line)]
    assert len(rows) == 2
    assert all("failed" in row and 'value at $[0].text: expected "bye", got "hello"' in row for row in rows)
    number = re.findall(r"number (\d+)", history.stdout)[0]
    exact = json.loads(run_command(["attempts", "last", number, "--json"], state_dir, **there).stdout)
    assert TestReport.model_validate(exact["test"]) == run.report.tests[int(number)]

    for name, said in (("nobody", "has no test 'nobody'"), ("99", "has no test with the number 99")):
        refused = run_command(["attempts", "last", name], state_dir, **there)
        assert (refused.exit_code, said in refused.stderr) == (2, True)
    assert run_command(["status", "ffff"], state_dir, **there).exit_code == 2


def test_a_run_of_another_command_is_seen_live_until_it_ends(
    tmp_path: Path, state_dir: Path, call_log: CallLog
) -> None:
    args = ["run", str(slow_suite(tmp_path, call_log)), "--output", str(tmp_path / "out")]
    with running(args, state_dir) as command:
        wait_until(lambda: call_log.calls("sleep") == 2, 40)
        once = run_command(["status", "last"], state_dir)
        assert "running, lane interactive" in once.stdout
        assert "0 of 3 tests (0%): 3 open" in once.stdout and "1 ready" in once.stdout
        workers = run_command(["workers"], state_dir)
        assert (workers.exit_code, workers.stdout, workers.stderr) == (0, "", NO_FARM)
        shown = Terminal(["status", "last"], state_dir)
        shown.wait_for("3 open")
        assert run_command(["cancel", "last"], state_dir).exit_code == 0

        assert shown.end() == 0
        assert command.wait(30) == 6, command.stderr.read_text()
    screen = Screen(80, 24)
    screen.feed(shown.text)
    assert screen.text.count("closed with exit code 6") == 1 and "3 cancelled" in screen.text
    assert "3 open" not in screen.text, "it is written over"
    status = status_of(run_command(["status", "last", "--json"], state_dir).stdout)
    assert (status.run.state, status.run.totals) == (RunState.CLOSED, {TestOutcome.CANCELLED: 3})


def test_workers_of_a_farm_are_told_over_its_api_and_in_its_state_directory(
    tmp_path: Path, state_dir: Path, farm: ServedFarm, farm_dir: Path, call_log: CallLog
) -> None:
    there = {"MCPF_FARM": farm.url, "MCPF_KEY": farm.key}
    with running(["run", str(slow_suite(tmp_path, call_log))], state_dir, **there) as command:
        wait_until(lambda: call_log.calls("sleep") == 2, 60)
        far = run_command(["workers", "--json"], state_dir, **there)
        near = run_command(["workers", "--json"], farm_dir / "farm")
        table = run_command(["workers"], farm_dir / "farm")
        run_command(["cancel", "last"], state_dir, **there)
        assert command.wait(30) == 6

    (over_api,) = [WorkerView.model_validate(worker) for worker in json.loads(far.stdout)["workers"]]
    (in_place,) = [WorkerView.model_validate(worker) for worker in json.loads(near.stdout)["workers"]]
    assert (over_api.live, over_api.pool, over_api.holds) == (True, "default", 2)
    assert {re.sub(r".*/", "", test.test_id) for test in over_api.tests} == {"slow-0", "slow-1"}
    assert in_place.model_copy(update={"heard_s": over_api.heard_s}) == over_api
    assert re.search(rf"(?m)^{over_api.name} +live +default .* {over_api.pid} .*sleep/slow-0, ", table.stdout)


def test_without_a_farm_there_are_no_workers_and_it_is_no_error(state_dir: Path) -> None:
    done = run_command(["workers", "--json"], state_dir)

    assert (done.exit_code, json.loads(done.stdout), done.stderr) == (0, {"v": 1, "workers": []}, NO_FARM)
    assert not state_dir.exists() or not list(state_dir.iterdir())


class Terminal:
    """A command whose stdout is a terminal, and all that it has shown by now."""

    def __init__(self, args: list[str], state_dir: Path) -> None:
        env = {name: value for name, value in environment(state_dir).items() if name not in ("CI", "NO_COLOR")}
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen([COMMAND, *args], env={**env, "TERM": "xterm"}, stdout=theirs)
        os.close(theirs)
        self.text = ""

    def wait_for(self, words: str) -> None:
        """Read until it has shown `words`, or has ended."""
        while words not in self.text and self._read():
            pass
        assert words in self.text

    def end(self) -> int:
        """Read to the end; its exit code."""
        while self._read():
            pass
        os.close(self._ours)
        return self._process.wait(10)

    def _read(self) -> bool:
        try:
            part = os.read(self._ours, 65536)
        except OSError:  # the other end is closed
            return False
        self.text += part.decode()
        return bool(part)
