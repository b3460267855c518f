"""Who is to blame when a server dies: the test that killed it, and no other."""

from pathlib import Path

import yaml

from tests.acceptance.command import echo_test, run_command, write_suite
from tests.conftest import CallLog, plain_server


def test_of_a_hundred_tests_only_the_one_that_kills_the_server_fails(
    tmp_path: Path, state_dir: Path, call_log: CallLog
) -> None:
    before, after = ([echo_test(f"t{n}") for n in span] for span in (range(49), range(50, 100)))
    tools = {"echo": before, "die": [{"name": "killer", "input": {"code": 3}}]}
    suite = write_suite(tmp_path / "blame.yaml", plain_server(call_log), tools)
    suite = _append_tool(suite, after)

    done = run_command(["run", "--workers", "1", "--concurrency", "1", str(suite)], state_dir)

    assert done.exit_code == 1
    assert {name for name, outcome in done.outcomes().items() if outcome != "passed"} == {"killer"}
    assert done.report is not None
    killer = next(test for test in done.report.tests if test.name == "killer")
    assert killer.outcome == "error"
    assert "server died" in killer.reason and "exit code 3" in killer.reason
    assert "about to die" in killer.attempts[-1].record.stderr_tail
    assert call_log.calls("die") == 2, "blamed without a confirmation on a fresh session, or tried too often"


def test_many_slots_do_not_spread_the_blame(tmp_path: Path, state_dir: Path, call_log: CallLog) -> None:
    tools = {"echo": [echo_test(f"t{n}") for n in range(99)], "die": [{"name": "killer"}]}
    suite = write_suite(tmp_path / "blame.yaml", plain_server(call_log), tools)

    done = run_command(["run", "--workers", "2", "--concurrency", "16", str(suite)], state_dir)

    assert {name for name, outcome in done.outcomes().items() if outcome != "passed"} == {"killer"}


def test_a_test_that_survives_its_confirmation_passes_with_a_note(tmp_path: Path, state_dir: Path) -> None:
    suite = write_suite(tmp_path / "once.yaml", plain_server(), {"die_once": [{"name": "fragile"}]})

    done = run_command(["run", str(suite)], state_dir)

    assert done.outcomes() == {"fragile": "passed"}
    assert done.report is not None
    record = done.report.tests[0].attempts[-1].record
    assert record.notes and record.session is not None and record.session.confirmed


def _append_tool(suite: Path, tests: list[dict[str, object]]) -> Path:
    """Put `tests` of echo behind the killer: a second entry for the same tool keeps file order."""
    content = yaml.safe_load(suite.read_text())
    content["tools"].append({"name": "echo", "tests": tests})
    suite.write_text(yaml.safe_dump(content, sort_keys=False))
    return suite
