"""Keys that documents write in another mapping than ours: they act, and a conflict is an error."""

import pytest

from harness.errors import SuiteErrors
from harness.models.expected import Expected
from harness.models.performance import Performance
from harness.models.suite import TestCase
from harness.suites.load import LoadedSuite, load_suite

HEAD = "name: s\nserver: {command: c}\ntools: [{name: t, tests: [\n"


def loaded(test: str) -> LoadedSuite:
    return load_suite(f"{HEAD}{test}\n]}}]\n".encode(), "s.yaml")


@pytest.mark.parametrize(
    ("written", "test"),
    [
        (
            "{name: a, expected: {max_execution_time_ms: 50, memory_limit_mb: 64}}",
            TestCase(name="a", performance=Performance(max_duration_ms=50, max_memory_mb=64)),
        ),
        (
            "{name: a, expected: {max_execution_time_ms: 50, error: true}, performance: {iterations: 2}}",
            TestCase(
                name="a", expected=Expected(error=True), performance=Performance(iterations=2, max_duration_ms=50)
            ),
        ),
        ("{name: a, test_config: {timeout_override_ms: 1500}}", TestCase(name="a", timeout_seconds=1.5)),
        (
            "{name: a, test_config: {concurrent_requests: 8}}",
            TestCase(name="a", performance=Performance(concurrency=8, iterations=8)),
        ),
        (
            "{name: a, test_config: {concurrent_requests: 8}, performance: {iterations: 100}}",
            TestCase(name="a", performance=Performance(concurrency=8, iterations=100)),
        ),
    ],
)
def test_a_key_acts_where_ours_stands(written: str, test: TestCase) -> None:
    assert loaded(written).suite.tools[0].tests == (test,)


def test_every_move_is_told_with_its_line() -> None:
    told = loaded("{name: a,\n expected: {max_execution_time_ms: 50}, test_config: {retry_attempts: 1}}")

    assert [str(problem) for problem in told.warnings] == [
        "s.yaml:5:13: 'max_execution_time_ms' is read as 'performance.max_duration_ms'"
    ]
    assert [str(problem) for problem in told.deferred] == ["s.yaml:5:55: test_config.retry_attempts does not act yet"]


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (
            "{name: a, expected: {max_execution_time_ms: 5}, performance: {max_duration_ms: 5}}",
            "4:22: 'max_execution_time_ms' and 'performance.max_duration_ms' mean the same; "
            "keep performance.max_duration_ms",
        ),
        (
            "{name: a, expected: {max_execution_time_ms: soon}}",
            "4:45: 'max_duration_ms' must be a number, not 'soon'",
        ),
    ],
)
def test_what_cannot_be_moved_is_refused_at_its_place(written: str, problem: str) -> None:
    with pytest.raises(SuiteErrors) as caught:
        loaded(written)

    assert [str(problem).removeprefix("s.yaml:") for problem in caught.value.problems] == [problem]
