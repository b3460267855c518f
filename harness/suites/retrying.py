"""Whether a retry policy can be obeyed: readable patterns, delays that fit each other. Pure."""

from harness.checks.pattern import compile_pattern
from harness.models.suite import Suite
from harness.suites.expectations import weight_of
from harness.suites.findings import Findings, quoted
from harness.suites.shape import Shape

MAX_PATTERN_WEIGHT = 200_000
"""Of all patterns of a policy: every test that does not pass is compared with each."""

_AT = ("test_config", "retry")


def retry_can_be_obeyed(suite: Suite, shape: Shape, findings: Findings) -> None:
    """Patterns compile and are small; the longest delay is not below the first."""
    policy = suite.test_config.retry
    if policy is None:
        return
    weight = 0
    for key in ("retry_on_patterns", "no_retry_patterns"):
        for place, text in enumerate(getattr(policy, key)):
            mark = shape.spot_of((*_AT, key, place)).value
            weight += weight_of(text)
            if weight > MAX_PATTERN_WEIGHT:
                findings.error(mark, "the patterns of this policy are too large together", "simplify them")
                return
            if problem := _problem(text):
                findings.error(mark, f"{quoted(key)} {quoted(text)}: {problem}")
    if policy.exponential_backoff and policy.max_backoff_ms < policy.retry_delay_ms:
        mark = shape.spot_of((*_AT, "max_backoff_ms")).value
        message = f"'max_backoff_ms' is {policy.max_backoff_ms}, less than 'retry_delay_ms', {policy.retry_delay_ms}"
        findings.error(mark, message)


def _problem(text: str) -> str:
    try:
        compile_pattern(text)
    except ValueError as error:
        return str(error)
    return "" if text else "an empty pattern is found everywhere; leave it out"
