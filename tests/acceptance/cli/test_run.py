"""`run` from outside: what it says, where it says it, and with which code it ends."""

import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.acceptance.command import COMMAND, echo_test, environment, run_command, write_suite
from tests.conftest import CallLog, plain_server

WRONG = {"name": "wrong", "input": {"text": "hello"}, "expected": {"fields": [{"path": "$[0].text", "value": "bye"}]}}


def mixed(tmp_path: Path, **top: object) -> Path:
    """A suite in which every kind of end occurs."""
    tools = {
        "echo": [echo_test("right", tags=["good"]), WRONG, echo_test("left out", skip=True)],
        "sleep": [{"name": "too slow", "input": {"seconds": 30}, "timeout_seconds": 0.5}],
        "die": [{"name": "deadly", "input": {"code": 7}}],
    }
    return write_suite(tmp_path / "mixed.yaml", plain_server(), tools, **top)


def test_every_kind_of_end_is_told_at_once_and_summed_up(tmp_path: Path, state_dir: Path) -> None:
    done = run_command(["run", str(mixed(tmp_path))], state_dir)

    assert done.exit_code == 1, done.stderr
    assert done.outcomes() == {
        "right": "passed",
        "wrong": "failed",
        "left out": "skipped",
        "too slow": "timeout",
        "deadly": "error",
    }
    assert 'value at $[0].text   expected "bye"   got "hello"' in done.stdout
    assert re.search(r"ERROR .* mixed/mixed/die/deadly\n? +server died.*exit code 7", done.stderr)
    assert re.search(r"mixed/mixed/die/deadly .* at .*mixed.yaml:\d+", done.stdout)
    assert "  | about to die" in done.stdout
    assert re.search(r"TIMEOUT .* mixed/mixed/sleep/too-slow", done.stderr)
    assert "PASS" not in done.stderr and "\x1b" not in done.stderr + done.stdout
    assert "mixed/mixed/echo/wrong" in done.stdout and "FAIL" in done.stdout
    assert f"report       {state_dir}/out/report.json" in done.stdout


def test_a_run_that_passes_ends_with_zero_and_both_reports(tmp_path: Path, state_dir: Path) -> None:
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"echo": [echo_test("one"), echo_test("two")]})

    done = run_command(["test", str(suite)], state_dir)

    assert done.exit_code == 0, done.stderr
    assert done.report is not None and done.report.run.exit_code == 0
    cases = ElementTree.parse(state_dir / "out" / "junit.xml").getroot().iter("testcase")
    assert [case.get("name") for case in cases] == ["echo/one", "echo/two"]


def test_a_server_that_does_not_start_ends_with_three(tmp_path: Path, state_dir: Path) -> None:
    suite = write_suite(tmp_path / "a.yaml", {"command": "/does/not/exist"}, {"echo": [echo_test("one")]})

    done = run_command(["run", str(suite)], state_dir)

    assert done.exit_code == 3, done.stderr
    assert "DOWN " in done.stderr and "/does/not/exist" in done.stderr


def test_a_folder_is_one_run_and_tags_filters_and_ids_select(
    tmp_path: Path, state_dir: Path, call_log: CallLog
) -> None:
    for name in ("a", "b"):
        tests = [echo_test("one", tags=["smoke"]), echo_test("two"), echo_test("three", dependencies=["two"])]
        write_suite(tmp_path / "suites" / f"{name}.yaml", plain_server(call_log), {"echo": tests})
    folder = str(tmp_path / "suites")

    def ran(*args: str) -> list[str]:
        done = run_command(["run", folder, *args], state_dir)
        assert done.exit_code == 0, done.stderr
        assert done.report is not None
        return [test.test_id.removeprefix("default/") for test in done.report.tests]

    assert ran("--tag", "smoke") == ["a/a/echo/one", "b/b/echo/one"]
    assert ran("--filter", "^default/b/.*/tw") == ["b/b/echo/two"]
    assert ran("--test", "a/a/echo/one", "--test", "b/echo/one") == ["a/a/echo/one", "b/b/echo/one"]
    assert ran("--test", "b/b/echo/three") == ["b/b/echo/two", "b/b/echo/three"], "the dependency runs, too"
    assert call_log.calls() == 2 + 1 + 2 + 2


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--filter", "nothing-like-this"], "no test of 1 matches filter 'nothing-like-this'"),
        (["--test", "echo/oen"], "no test 'echo/oen'; nearest: 'default/a/a/echo/one'"),
        (["--filter", "("], "filter '('"),
    ],
)
def test_nothing_selected_ends_with_two_and_starts_nothing(tmp_path: Path, args: list[str], said: str) -> None:
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"echo": [echo_test("one")]})
    state = tmp_path / "state"

    done = run_command(["run", str(suite), *args], state)

    assert done.exit_code == 2
    assert said in done.stderr
    assert not state.exists()


def test_one_bad_suite_stops_the_run_before_anything_starts(tmp_path: Path, call_log: CallLog) -> None:
    write_suite(tmp_path / "suites" / "a.yaml", plain_server(call_log), {"echo": [echo_test("one")]})
    for name in ("b", "c"):
        write_suite(tmp_path / "suites" / f"{name}.yaml", plain_server(), {"echo": [echo_test("one", nmae=1)]})
    state = tmp_path / "state"

    done = run_command(["run", str(tmp_path / "suites")], state)

    assert done.exit_code == 2
    assert done.stderr.count("unknown key 'nmae'") == 2
    assert not state.exists() and not call_log.lines()


def test_fail_fast_starts_no_further_test(tmp_path: Path, state_dir: Path, call_log: CallLog) -> None:
    tests = [WRONG, *(echo_test(f"t{number}") for number in range(20))]
    suite = write_suite(tmp_path / "a.yaml", plain_server(call_log), {"echo": tests}, isolation="suite")

    done = run_command(["run", "--fail-fast", str(suite)], state_dir)

    assert done.exit_code in (1, 6)
    outcomes = list(done.outcomes().values())
    assert outcomes[0] == "failed" and "not_run" in outcomes
    assert call_log.calls() < 20


def test_a_time_limit_on_the_command_line_holds_for_every_test(tmp_path: Path, state_dir: Path) -> None:
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"sleep": [{"name": "long", "input": {"seconds": 30}}]})

    assert run_command(["run", "--timeout", "0.5", str(suite)], state_dir).outcomes() == {"long": "timeout"}


def test_the_configurations_time_limit_cancels_the_run(tmp_path: Path, state_dir: Path) -> None:
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"sleep": [{"name": "long", "input": {"seconds": 30}}]})
    config = tmp_path / "farm.yaml"
    config.write_text("global: {global_timeout_seconds: 2}\nreporting: {formats: [json]}")

    done = run_command(["run", "--config", str(config), str(suite)], state_dir)

    assert done.exit_code == 6
    assert done.outcomes() == {"long": "cancelled"}
    assert "the run's time limit of 2s is over" in done.stderr
    assert not (state_dir / "out" / "junit.xml").exists()


def test_quiet_prints_the_verdict_and_verbose_the_passes(tmp_path: Path, state_dir: Path) -> None:
    suite = mixed(tmp_path)

    quiet = run_command(["run", "-q", str(suite)], state_dir)
    verdict, report = quiet.stdout.splitlines()
    assert (verdict[:6], report[:6], report[-5:], quiet.stderr) == ("FAILED", "report", ".html", "")
    verbose = run_command(["run", "-v", "--tag", "good", str(suite)], state_dir)
    assert re.search(r"PASS .* mixed/mixed/echo/right", verbose.stderr)


def test_by_default_reports_and_history_lie_in_the_state_directory(tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"echo": [echo_test("one")]})
    env = environment(tmp_path)
    del env["MCPF_STATE_DIR"]

    def command(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([COMMAND, *args], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)

    first = command("run", "--format", "json", str(suite))
    assert first.returncode == 0, first.stderr
    (run_dir,) = (tmp_path / ".farm" / "runs").iterdir()
    assert [path.name for path in run_dir.iterdir()] == ["report.json"]

    from_store, from_folder = command("report", "last", "--format", "json"), command("report", str(run_dir))
    assert from_store.stdout == (run_dir / "report.json").read_text()
    assert from_folder.stdout.splitlines()[0] == first.stdout.splitlines()[0]
    by_id = command("report", run_dir.name[:6], "--format", "junit,text", "--output", "again")
    assert by_id.stdout.split() == ["again/junit.xml", "again/report.txt"]


def test_an_output_folder_that_cannot_be_made_is_named_before_the_run(tmp_path: Path, call_log: CallLog) -> None:
    suite = write_suite(tmp_path / "a.yaml", plain_server(call_log), {"echo": [echo_test("one")]})

    done = run_command(["run", str(suite), "--output", str(suite / "out")], tmp_path / "state")

    assert done.exit_code == 2
    assert "reports cannot go to" in done.stderr
    assert not call_log.lines()


def test_ci_gets_plain_lines_even_on_a_terminal(tmp_path: Path, state_dir: Path) -> None:
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"echo": [WRONG]})

    done = run_command(["run", str(suite)], state_dir, CI="1", FORCE_COLOR="1", GITHUB_ACTIONS="true")

    lines = done.stderr.splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    assert (lines[-1], len(token)) == (f"::{token}::", 32)
    assert "\x1b[31;1mFAIL" in done.stderr and "\x1b[2K" not in done.stderr


def test_a_path_that_no_file_system_takes_is_named_as_such(state_dir: Path) -> None:
    done = run_command(["run", "a" * 5000], state_dir)

    assert done.exit_code == 2
    assert "File name too long" in done.stderr


def test_a_state_directory_whose_database_is_none_is_named(tmp_path: Path, state_dir: Path) -> None:
    (state_dir / "farm.db").write_text("this is no database, and longer than a header")
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"echo": [echo_test("one")]})

    done = run_command(["run", str(suite)], state_dir)

    assert done.exit_code == 4
    assert "farm.db" in done.stderr and "bug" not in done.stderr


def test_a_run_on_another_farm_is_reported_again_from_the_report_it_left(tmp_path: Path, state_dir: Path) -> None:
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"echo": [echo_test("one")]})
    left = run_command(["run", str(suite), "--output", str(state_dir / "runs" / "0123456789ab")], state_dir)
    assert left.exit_code == 0, left.stderr
    (state_dir / "farm.db").unlink()

    again = run_command(["report", "0123456789ab", "--format", "text"], state_dir)

    assert again.exit_code == 0, again.stderr
    assert "1 passed" in again.stdout
