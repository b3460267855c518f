"""Which keys of a configuration file act, and what is said of the others."""

from pathlib import Path

import pytest
import yaml

from harness.errors import SuiteErrors, UsageError
from harness.models.suite import Retry
from scheduler.console.cli.config_file import FileSettings, read_config
from scheduler.console.cli.config_reliability import NEVER
from scheduler.state.breaker import Terms
from tests.conftest import SHARED, require


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "farm.yaml"
    path.write_text(text)
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(SuiteErrors) as caught:
        read_config(path)
    return [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]


def test_a_file_that_holds_suites_too_tells_each_of_their_sections_once(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "global: {fail_fast: true}\nserver: {start_command: c, args: [x], health_check: {failure_threshold: 2}}\n"
        "test_suites: [{name: s}]\nreporting: {open_html: true}\n",
    )

    found = read_config(path)

    assert (found.fail_fast, found.breaker) == (True, Terms(failures=2, interval_s=30, recovery_s=60))
    assert [str(problem).removeprefix(f"{path}:") for problem in found.deferred] == [
        "2:1: server is what its suites say: it acts where the file is run",
        "3:1: test_suites is what its suites say: it acts where the file is run",
        "4:13: reporting.open_html does not act yet",
    ]


def test_the_seeds_configuration_is_understood_and_names_what_does_not_act_yet() -> None:
    path = require(SHARED / "seed" / "production.yaml")
    found = read_config(path)

    assert (found.max_concurrency, found.run_limit_s, found.fail_fast) == (8, 600.0, False)
    assert found.output_dir == Path("/var/log/mcp-test-harness/reports")
    assert found.formats == ("html", "json", "junit")
    patterns = ("connection refused", "timeout", "temporary failure", "resource unavailable")
    assert found.retry == Retry(
        max_retries=3, retry_delay_ms=2000, exponential_backoff=True, retry_on_patterns=patterns
    )
    assert found.breaker == Terms(failures=5, interval_s=30, recovery_s=60)
    deferred = [str(problem).removeprefix(f"{path}:") for problem in found.deferred]
    assert "11:5: global.resource_limits.max_memory_mb does not act yet" in deferred
    assert "93:7: reporting.distribution.email.recipients does not act yet" in deferred
    assert "33:5: server.health_check.timeout_seconds does not act yet" in deferred
    assert len(deferred) == 59


def test_each_acting_key_acts(tmp_path: Path) -> None:
    text = (
        "global: {max_global_concurrency: 3, global_timeout_seconds: 1.5, fail_fast: true}\n"
        "reporting: {output_dir: out, formats: [junit, text]}"
    )
    more = "\nserver: {health_check: {interval_seconds: 0.5, failure_threshold: 2, recovery_timeout_seconds: 0}}"

    assert read_config(written(tmp_path, text + more)) == FileSettings(
        max_concurrency=3,
        run_limit_s=1.5,
        fail_fast=True,
        output_dir=Path("out"),
        formats=("junit", "text"),
        breaker=Terms(2, 0.5, 0),
    )


def test_every_key_of_a_suites_retry_may_stand_in_the_file(tmp_path: Path) -> None:
    policy = Retry(max_retries=1, retry_delay_ms=5, exponential_backoff=False, jitter=False, no_retry_patterns=("x",))
    text = yaml.safe_dump({"global": {"retry": policy.model_dump(mode="json")}})

    assert read_config(written(tmp_path, text)) == FileSettings(retry=policy)


def test_a_health_check_that_is_switched_off_lets_every_test_try(tmp_path: Path) -> None:
    found = read_config(written(tmp_path, "server: {health_check: {enabled: false, failure_threshold: 1}}"))

    assert found.breaker is not None
    assert found.breaker.failures == NEVER


@pytest.mark.parametrize("text", ["global: {retry: }", "server: {health_check: null}"])
def test_an_empty_section_says_nothing(tmp_path: Path, text: str) -> None:
    assert read_config(written(tmp_path, text)) == FileSettings()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("global:\n  max_global_concurrency: 0", "2:27: global.max_global_concurrency: expected a whole number"),
        ("global:\n  max_global_concurrency: true", "2:27: global.max_global_concurrency: expected a whole number"),
        ("global:\n  global_timeout_seconds: soon", "2:27: global.global_timeout_seconds: expected seconds"),
        ("global:\n  fail_fast: 1", "2:14: global.fail_fast: expected true or false, found 1"),
        ("reporting:\n  output_dir: 7", "2:15: reporting.output_dir: expected a path, found 7"),
        ("reporting:\n  formats: json", "2:12: reporting.formats: expected a list"),
        ("reporting:\n  formats: [jsno]", "2:13: reporting.formats: unknown format 'jsno'; did you mean 'json'?"),
        ("global:\n  retry: 3", "2:10: global.retry: expected keys such as max_retries and retry_delay_ms, found a n"),
        ("global:\n  retry: {max_retries: 11}", "2:24: 'max_retries' must be at most 10, not 11"),
        ("global:\n  retry: {max_retris: 1}", "2:11: unknown key 'max_retris'; did you mean 'max_retries'?"),
        ("global:\n  retry: {jitter: 1}", "2:19: 'jitter' must be true or false, not 1"),
        ("global:\n  retry:\n    retry_on_patterns: [a, '(']", "3:28: 'retry_on_patterns' '(': "),
        ("global:\n  retry: {max_backoff_ms: 5}", "2:27: 'max_backoff_ms' is 5, less than 'retry_delay_ms', 1000"),
        ("server:\n  health_check: {failure_threshold: 0}", "2:37: 'failure_threshold' must be at least 1, not 0"),
        ("server:\n  health_check: {enabled: maybe}", "2:27: 'enabled' must be true or false, not 'maybe'"),
        ("server:\n  health_check: {intervall: 1}", "2:18: unknown key 'intervall'"),
        ("server:\n  health_check: [1]", "2:17: server.health_check: expected keys such as enabled and failure_thre"),
        ("- a", "1:1: expected sections"),
        ("nightly:\n  at: '25:00'\n  paths: [a]", "2:7: nightly.at: expected hour and minute, UTC, found '25:00'"),
        ("nightly:\n  paths: []", "2:10: nightly.paths: expected suite files or folders, as `run` takes them, found n"),
        (
            "nightly:\n  paths: [a, 3]",
            "2:14: nightly.paths.1: expected suite files or folders, as `run` takes them, fou",
        ),
        ("x: 1\nnightly:\n  at: 02:00", "2:1: nightly.paths is missing; give suite files or folders, as `run` takes"),
        ("nightly:\n  paths: [a]\n  pahts: [b]", "3:3: unknown key 'nightly.pahts'; did you mean 'paths'?"),
        ("nightly:\n  paths: [a]\n  name: a b", "3:9: nightly.name: String should match pattern"),
        ("nightly: 02:00", "1:10: nightly: expected keys such as at and paths, found text"),
        ("global:\n  fail_fast: [", "3:1: not YAML"),
        ("a: 1\na: 2", "2:1: key 'a' is already given on line 1"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    found = problems(written(tmp_path, text))

    assert len(found) == 1
    assert found[0].startswith(expected)


@pytest.mark.parametrize("text", ["nightly: {at: 12:30, paths: [a], project: p}", "nightly:", "nightly: {paths: [a]}"])
def test_a_good_nightly_run_is_no_business_of_this_command(tmp_path: Path, text: str) -> None:
    assert read_config(written(tmp_path, text)) == FileSettings()


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = "global: {fail_fast: 1, max_global_concurrency: x}\nreporting: {formats: 3}"

    assert len(problems(written(tmp_path, text))) == 3


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be read: No such file"):
        read_config(tmp_path / "none.yaml")
