"""`--json` on every command: one object on stdout, of errors as well, and one object a line from `run`."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from scheduler.console.cli.main import COMMANDS
from tests.acceptance.command import echo_test, run_command, write_suite
from tests.conftest import plain_server

WITHOUT_RUNS: dict[str, tuple[list[str], int, set[str]]] = {
    "init": (["none/suite.yaml"], 2, {"error"}),
    "discover": (["/does/not/exist"], 3, {"error"}),
    "generate": (["/does/not/exist"], 3, {"error"}),
    "run": (["none.yaml"], 2, {"error"}),
    "test": (["none.yaml"], 2, {"error"}),
    "validate": (["none.yaml"], 2, {"error"}),
    "list": (["none.yaml"], 2, {"error"}),
    "runs": ([], 0, {"runs"}),
    "status": (["last"], 2, {"error"}),
    "attempts": (["last", "0"], 2, {"error"}),
    "workers": ([], 0, {"workers"}),
    "cancel": (["last"], 2, {"error"}),
    "report": (["last"], 2, {"error"}),
    "compare": (["last~1", "last"], 2, {"error"}),
    "history": (["echo/a"], 2, {"error"}),
    "targets": (["docs"], 0, {"targets"}),
    "schema": (["report"], 0, {"schema"}),
    "keys": (["--format", "target"], 0, {"keys"}),
    "migrate": (["none.yaml"], 2, {"error"}),
    "completion": (["bash"], 0, {"shell", "script"}),
    "serve": (["--only", "nobody"], 2, {"error"}),
}
"""Command → arguments, exit code and members of the object, where no run was ever made."""


def test_the_table_has_every_command() -> None:
    assert set(WITHOUT_RUNS) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_parser_with_json(command: str) -> None:
    parser = importlib.import_module(COMMANDS[command][0]).parser()
    assert "--json" in parser.format_help()


@pytest.mark.parametrize("command", WITHOUT_RUNS)
def test_every_command_prints_one_object_of_version_1(state_dir: Path, command: str) -> None:
    args, code, members = WITHOUT_RUNS[command]
    done = run_command([command, *args, "--json"], state_dir)

    assert done.exit_code == code
    told = json.loads(done.stdout)
    assert (told["v"], set(told) - {"v"}) == (1, members)


def test_an_error_of_a_suite_says_where_and_what_to_write_instead(tmp_path: Path, state_dir: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: a\nserver: {command: x}\ntools:\n  - name: b\n    tests:\n      - {name: c, inptu: {}}\n")

    done = run_command(["validate", "--json", str(bad)], state_dir)

    told = json.loads(done.stdout)["error"]
    assert (done.exit_code, told["code"]) == (2, "suite.invalid")
    assert (told["message"], told["hint"]) == ("unknown key 'inptu'", "did you mean 'input'?")
    assert told["at"] == {"file": str(bad), "line": 6, "column": 19}
    assert told["problems"][0] == {key: told[key] for key in ("message", "hint", "at")}
    assert "error: " in done.stderr


def test_a_usage_error_is_an_object_too_and_what_follows_two_dashes_is_no_option(state_dir: Path) -> None:
    done = run_command(["runs", "--json", "--limit", "0"], state_dir)

    assert json.loads(done.stdout)["error"] == {
        "code": "usage",
        "message": "argument --limit: expected a whole number from 1 to 500, got '0'",
        "hint": "",
        "at": None,
    }
    assert run_command(["list", "--", "--json"], state_dir).stdout == ""


def test_version_and_what_is_right_are_objects(tmp_path: Path, state_dir: Path) -> None:
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"echo": [echo_test("a")]})

    assert set(json.loads(run_command(["--version", "--json"], state_dir).stdout)) == {"v", "version"}
    assert json.loads(run_command(["validate", "--json", str(suite)], state_dir).stdout) == {
        "v": 1,
        "files": [{"file": str(suite), "part": "", "tests": 1, "warnings": [], "deferred": []}],
    }
    planned = json.loads(run_command(["run", "--dry-run", "--json", str(suite)], state_dir).stdout)
    assert [test["id"] for test in planned["tests"]] == ["default/a/a/echo/a"]


def test_a_run_is_one_object_a_line_from_its_start_to_its_reports(tmp_path: Path, state_dir: Path) -> None:
    wrong = echo_test("wrong", expected={"fields": [{"path": "$[0].text", "value": "other"}]})
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"echo": [echo_test("right"), wrong]})

    done = run_command(["run", "--json", str(suite)], state_dir)

    events: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    types = [event["type"] for event in events if not event["type"].startswith("cause.")]
    assert types == ["run.started", "test.finished", "test.finished", "run.finished"]
    assert {event["v"] for event in events} == {1}
    assert {event["test"]["name"]: event["test"]["outcome"] for event in events if "test" in event} == {
        "right": "passed",
        "wrong": "failed",
    }
    end = events[-1]
    assert (end["exit_code"], end["run"]["totals"], done.exit_code) == (1, {"passed": 1, "failed": 1}, 1)
    assert [Path(path).name for path in end["reports"]] == ["report.json", "junit.xml", "report.html"]

    told = json.loads(run_command(["report", "last", "--json"], state_dir).stdout)
    assert told["report"]["run"]["run_id"] == end["run"]["run_id"]
    again = json.loads(run_command(["cancel", "last~0", "--json"], state_dir).stdout)
    assert (again["cancelled"], again["run"]["run_id"]) == (False, end["run"]["run_id"])
    missing = json.loads(run_command(["status", "last~1", "--json"], state_dir).stdout)
    assert (missing["error"]["code"], missing["error"]["message"]) == (
        "run.missing",
        "there is no run 'last~1'; `last` names the newest one",
    )
