"""`compare` and `history`: what changed between two runs of one suite."""

import json
from pathlib import Path

import pytest

from tests.acceptance.command import echo_test, run_command, write_suite
from tests.conftest import plain_server


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory with a run that passes, and one in which a test fails and one more is there."""
    folder = tmp_path_factory.mktemp("two")
    wrong = echo_test("b", expected={"fields": [{"path": "$[0].text", "value": "other"}]})
    for tests in ([echo_test("a"), echo_test("b")], [echo_test("a"), wrong, echo_test("c")]):
        suite = write_suite(folder / "s.yaml", plain_server(), {"echo": tests})
        run_command(["run", str(suite)], folder / "state")
    return folder / "state"


def test_a_later_run_that_is_worse_has_exit_code_1(two_runs: Path) -> None:
    done = run_command(["compare", "last~1", "last"], two_runs)

    assert done.exit_code == 1
    first, *rest = done.stdout.splitlines()
    assert first.startswith("WORSE: run ")
    assert [line.partition(" ")[0] for line in rest] == ["new", "outcomes", "added"]
    assert "passed -> failed   s/s/echo/b" in done.stdout


def test_the_other_way_round_it_is_not_worse_and_reports_can_be_compared(two_runs: Path) -> None:
    done = run_command(["compare", "--json", "last", "last~1"], two_runs)
    told = json.loads(done.stdout)["difference"]
    assert (done.exit_code, told["is_worse"], len(told["fixed"])) == (0, False, 1)

    report = str(two_runs / "out" / "report.json")
    assert run_command(["compare", report, "last"], two_runs).stdout.startswith("NOT WORSE")


def test_a_history_shows_each_run(two_runs: Path) -> None:
    done = run_command(["history", "echo/b"], two_runs)
    lines = done.stdout.splitlines()
    assert lines[:2] == ["s/s/echo/b   2 runs", "outcomes  .x   oldest to newest: . passed 1, x failed 1"]
    assert [line.split()[3] for line in lines[-2:]] == ["failed", "passed"]

    told = json.loads(run_command(["history", "echo/b", "--json", "--limit", "1"], two_runs).stdout)["history"]
    assert ([entry["outcome"] for entry in told["entries"]], told["flaky_rate"]) == (["failed"], 0.0)
    (cause,) = json.loads((two_runs / "out" / "report.json").read_text())["causes"]
    assert [entry["cause_id"] for entry in told["entries"]] == [cause["cause_id"]]


def test_a_test_that_no_run_had_is_named(two_runs: Path) -> None:
    done = run_command(["history", "zz"], two_runs)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no test 'zz' in the newest 20 runs" in done.stderr
