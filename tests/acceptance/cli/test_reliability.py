"""What a configuration says of retries, of servers that cannot be started, and of the run's end."""

from pathlib import Path

from harness.models.outcomes import CauseKind, TestOutcome
from tests.acceptance.command import run_command, write_suite
from tests.conftest import plain_server

WRONG = {"name": "wrong", "input": {"text": "a"}, "expected": {"fields": [{"path": "$[0].text", "value": "b"}]}}


def test_suites_without_a_policy_are_retried_as_the_configuration_says(tmp_path: Path, state_dir: Path) -> None:
    config = tmp_path / "farm.yaml"
    config.write_text("global: {retry: {max_retries: 2, retry_delay_ms: 10, exponential_backoff: false}}")
    write_suite(tmp_path / "suites" / "none.yaml", plain_server(), {"echo": [WRONG]})
    own = {"retry": {"max_retries": 0}}
    write_suite(tmp_path / "suites" / "own.yaml", plain_server(), {"echo": [WRONG]}, test_config=own)

    done = run_command(["run", str(tmp_path / "suites"), "--config", str(config)], state_dir)

    assert done.exit_code == 1, done.stderr
    assert done.report is not None
    assert {test.suite: len(test.attempts) for test in done.report.tests} == {"none": 3, "own": 1}
    assert done.report.run.retries == 2
    assert "0 passed, 2 failed; 2 retries used" in done.stdout
    assert done.stdout.count("failed 3 of 3 attempts") == done.stderr.count("failed 3 of 3 attempts") == 1


def test_a_server_that_cannot_be_started_is_given_up_as_the_configuration_says_and_told_once(
    tmp_path: Path, state_dir: Path
) -> None:
    config = tmp_path / "farm.yaml"
    health = "{failure_threshold: 2, interval_seconds: 0.1, recovery_timeout_seconds: 0}"
    config.write_text(f"server: {{health_check: {health}}}")
    tests = [{"name": f"t{number}", "input": {}} for number in range(60)]
    suite = write_suite(tmp_path / "gone.yaml", {"command": "no-such-program-here"}, {"echo": tests})

    done = run_command(["run", str(suite), "--config", str(config), "--concurrency", "2"], state_dir)

    assert done.exit_code == 3, done.stderr
    assert done.report is not None
    assert done.report.run.totals == {TestOutcome.ERROR: 60}
    untried = sum(test.cause is CauseKind.SERVER_UNREACHABLE for test in done.report.tests)
    assert untried >= 50
    assert done.stdout.count(" NEW ") == 1
    assert f"{untried} of these 60 were not tried, as the server was given up" in done.stdout
    assert done.stderr.count("DOWN ") == 1


def test_a_run_ends_at_its_deadline_and_says_why_once(tmp_path: Path, state_dir: Path) -> None:
    tests = [{"name": f"t{number}", "input": {"seconds": 1}} for number in range(60)]
    limits = {"max_concurrency": 1, "timeout_seconds": 2}
    suite = write_suite(tmp_path / "slow.yaml", plain_server(), {"sleep": tests}, test_config=limits)

    done = run_command(["run", str(suite), "--deadline", "15"], state_dir)

    assert done.exit_code == 6, done.stderr
    assert done.report is not None and done.report.run.totals[TestOutcome.NOT_RUN] > 30
    assert done.stdout.count("the run's deadline of 15 s passed with ") == 1
    assert done.stderr.count("stopping: the run's deadline of 15 s passed with ") == 1
    assert "run.expired" not in done.stderr, "a line of the log among those for people"
