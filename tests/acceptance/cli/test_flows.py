"""Tests of several requests, run by the command against a server that keeps a diary of what it was asked."""

import sys
from pathlib import Path

import yaml

from harness.models.outcomes import CauseKind, TestOutcome
from tests.acceptance.command import Finished, run_command

SERVER = Path(__file__).parents[2] / "servers" / "diary.py"


def run(folder: Path, text: str, *arguments: str) -> tuple[Finished, list[str]]:
    """Run a suite whose server is the diary; what the command left, and the lines of the diary."""
    diary = folder / "diary"
    server = {"command": sys.executable, "args": [str(SERVER)], "env": {"DIARY": str(diary)}}
    suite = {"name": "s", "server": server, **yaml.safe_load(text)}
    (folder / "s.yaml").write_text(yaml.safe_dump(suite))
    finished = run_command(["run", str(folder / "s.yaml"), *arguments], folder)
    return finished, diary.read_text().splitlines() if diary.exists() else []


def test_steps_follow_each_other_and_find_what_earlier_ones_stored(tmp_path: Path) -> None:
    finished, diary = run(
        tmp_path,
        """
        flows:
          - name: two
            setup: [{tool: note, input: {text: before}}]
            steps:
              - {tool: note, name: log in, input: {text: in, token: {a: [5, 6]}}, store_result_as: login}
              - tool: note
                input: {text: "got ${steps.login.token.a[1]}", whole: "${steps.login.token}"}
                expected: {fields: [{path: "$.content[0].text", contains: '"whole": {"a": [5, 6]}'}]}
            cleanup: [{tool: note, input: {text: after}}]
        """,
    )

    assert (finished.exit_code, diary) == (0, ["note before", "note in", "note got 6", "note after"])


def test_a_failed_step_ends_the_test_by_its_name_and_the_clean_up_runs_all_the_same(tmp_path: Path) -> None:
    finished, diary = run(
        tmp_path,
        """
        flows:
          - name: broken
            steps: [{tool: note, name: first, expected: {error: true}}, {tool: note, input: {text: never}}]
            cleanup: [{tool: fail}, {tool: note, input: {text: after}}]
        """,
    )

    assert finished.report is not None
    [test] = finished.report.tests
    record = test.attempts[0].record
    assert (finished.exit_code, test.outcome, test.cause) == (1, TestOutcome.FAILED, CauseKind.CHECK)
    assert [(failure.check, failure.step) for failure in record.failures] == [("error", "step 1 (first)")]
    assert [(failure.check, failure.step) for failure in record.warnings] == [("error", "cleanup 1")]
    assert diary == ["note", "fail", "note after"]


def test_a_set_up_that_fails_is_an_error_of_the_test_and_not_its_failure(tmp_path: Path) -> None:
    finished, diary = run(
        tmp_path,
        "tools: [{name: note, tests: [{name: a, setup: [{tool: fail}], input: {text: never}},\n"
        "  {name: b, setup: [{tool: gone}]}, {name: c, input: {x: '${steps.nobody.x}'}, setup: [{tool: note}]}]}]",
    )

    assert finished.report is not None
    assert {test.name: (test.outcome, test.cause) for test in finished.report.tests} == {
        "a": (TestOutcome.ERROR, CauseKind.SETUP),
        "b": (TestOutcome.ERROR, CauseKind.NO_SUCH_TOOL),
        "c": (TestOutcome.ERROR, CauseKind.SETUP),
    }
    assert "${steps.nobody.x}: there is no 'nobody'" in finished.report.tests[2].reason
    assert sorted(diary) == ["fail", "note"]


def test_a_fixture_of_a_session_is_prepared_once_in_it_and_cleaned_up_before_it_ends(tmp_path: Path) -> None:
    finished, diary = run(
        tmp_path,
        """
        test_config: {max_concurrency: 1}
        fixtures:
          - name: logged_in
            setup: [{tool: note, input: {text: in, key: k1}, store_result_as: login}]
            cleanup: [{tool: note, input: {text: "out ${steps.login.key}"}}]
        tools:
          - name: note
            tests:
              - {name: a, uses: [logged_in], input: {text: "with ${steps.login.key}"}}
              - {name: b, uses: [logged_in], input: {text: "with ${steps.login.key}"}}
              - {name: c, input: {text: without}}
        """,
        "--workers",
        "1",
    )

    assert finished.exit_code == 0
    assert diary.count("note in") == 1
    assert sorted(diary[:-1]) == ["note in", "note with k1", "note with k1", "note without"]
    assert diary[-1] == "note out k1"


def test_a_fixture_of_a_run_stands_around_all_that_use_it_and_its_clean_up_runs_after_a_failure(tmp_path: Path) -> None:
    finished, diary = run(
        tmp_path,
        """
        fixtures:
          - name: db
            scope: run
            setup: [{tool: note, input: {text: up}}]
            cleanup: [{tool: note, input: {text: down}}]
        tools:
          - name: note
            tests:
              - {name: a, uses: [db], input: {text: a}, expected: {error: true}}
              - {name: b, uses: [db], input: {text: b}}
        """,
    )

    assert diary == ["note up", "note a", "note b", "note down"]
    assert finished.outcomes() == {
        "a": TestOutcome.FAILED,
        "b": TestOutcome.PASSED,
        "db setup": TestOutcome.PASSED,
        "db cleanup": TestOutcome.PASSED,
    }


def test_the_tests_of_a_fixture_that_cannot_be_set_up_are_skipped(tmp_path: Path) -> None:
    finished, diary = run(
        tmp_path,
        """
        fixtures: [{name: db, scope: run, setup: [{tool: fail}], cleanup: [{tool: note, input: {text: down}}]}]
        tools: [{name: note, tests: [{name: a, uses: [db]}]}]
        """,
    )

    assert diary == ["fail", "note down"]
    assert finished.outcomes() == {
        "db setup": TestOutcome.FAILED,
        "a": TestOutcome.SKIPPED,
        "db cleanup": TestOutcome.PASSED,
    }


def test_a_clean_up_comes_along_with_a_test_that_is_picked_out(tmp_path: Path) -> None:
    _, diary = run(
        tmp_path,
        """
        fixtures:
          - name: db
            scope: run
            setup: [{tool: note, input: {text: up}}]
            cleanup: [{tool: note, input: {text: down}}]
        tools: [{name: note, tests: [{name: a, uses: [db], input: {text: a}}, {name: b, uses: [db], input: {text: b}}]}]
        """,
        "--test",
        "note/b",
    )

    assert diary == ["note up", "note b", "note down"]


def test_conditions_skip_a_test_for_what_is_known_before_and_for_what_the_server_says(tmp_path: Path) -> None:
    finished, diary = run(
        tmp_path,
        """
        variables: {mode: quick}
        tools:
          - name: note
            tests:
              - {name: mode, skip_if: "mode == 'quick'"}
              - {name: target, only_if: "target.name == 's' and matrix.n > 1", matrix: {n: [1, 2]}}
              - {name: old, only_if: "version(server.version) < version('2.9')"}
              - {name: new, only_if: "version(server.version) > version('2.9') and has(server.capabilities, 'tools')"}
              - {name: "off", enabled: false}
              - {name: wrong, only_if: "server.nothing"}
        """,
    )

    assert finished.report is not None
    assert {test.name: (test.outcome, test.reason) for test in finished.report.tests} == {
        "mode": (TestOutcome.SKIPPED, "skip_if: mode == 'quick'"),
        "target[n=1]": (TestOutcome.SKIPPED, "only_if: target.name == 's' and matrix.n > 1"),
        "target[n=2]": (TestOutcome.PASSED, ""),
        "old": (TestOutcome.SKIPPED, "condition: only_if: version(server.version) < version('2.9')"),
        "new": (TestOutcome.PASSED, ""),
        "off": (TestOutcome.SKIPPED, "disabled in the suite"),
        "wrong": (
            TestOutcome.ERROR,
            "condition: only_if 'server.nothing': there is no 'nothing'; "
            "there is capabilities, name, protocol, version",
        ),
    }
    assert len(diary) == 2


def test_limits_over_many_calls_are_checked_and_the_samples_reported(tmp_path: Path) -> None:
    finished, diary = run(
        tmp_path,
        """
        tools:
          - name: note
            tests:
              - {name: many, performance: {iterations: 20, warmup_iterations: 3, concurrency: 4, max_duration_ms: 60000,
                 percentiles: {p50_ms: 60000, p99_ms: 60000}, min_ops_per_sec: 0.01, min_success_rate: 1}}
              - {name: slow, performance: {iterations: 2, max_duration_ms: 0.000001, percentiles: {p95_ms: 0.000001}}}
              - {name: rate, performance: {iterations: 2, min_success_rate: 0.5}, expected: {error: true}}
        """,
    )

    assert finished.report is not None
    many, slow, rate = finished.report.tests
    samples = many.attempts[0].record.samples
    assert samples is not None
    assert (many.outcome, samples.calls, samples.passed) == (TestOutcome.PASSED, 20, 20)
    assert 0 < samples.p50_s <= samples.p90_s <= samples.p95_s <= samples.p99_s <= samples.max_s
    assert [failure.path for failure in slow.attempts[0].record.failures] == ["max_duration_ms", "percentiles.p95_ms"]
    assert [failure.path for failure in rate.attempts[0].record.failures] == ["min_success_rate"]
    assert len(diary) == 23 + 2 + 2


def test_commands_prepare_the_sandbox_before_its_first_server_and_clear_up_after_it(tmp_path: Path) -> None:
    finished, diary = run(
        tmp_path,
        f"""
        setup_commands: ["echo up >> {tmp_path}/diary", "pwd > where; test -d \\"$TMPDIR\\""]
        teardown_commands: ["test -f where && echo down >> {tmp_path}/diary", "exit 3"]
        tools: [{{name: note, tests: [{{name: a, input: {{text: a}}}}]}}]
        """,
    )

    assert (finished.exit_code, diary) == (0, ["up", "note a", "down"])


def test_a_command_that_fails_is_why_the_server_is_not_there(tmp_path: Path) -> None:
    finished, diary = run(
        tmp_path,
        "setup_commands: ['echo it broke >&2; exit 7']\ntools: [{name: note, tests: [{name: a}]}]",
    )

    assert finished.report is not None
    [test] = finished.report.tests
    assert (finished.exit_code, test.outcome, test.cause) == (3, TestOutcome.ERROR, CauseKind.SERVER_UNAVAILABLE)
    assert "the command 'echo it broke >&2; exit 7' did not end well (exit code 7" in test.reason
    assert diary == []
