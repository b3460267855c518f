"""Whether a retry policy can be obeyed: readable patterns, delays that fit each other. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from harness.checks.pattern import compile_pattern
from harness.checks.pattern_weight import weight_of
from harness.models.suite import Retry, Suite
from harness.suites.findings import Findings, quoted
from harness.suites.shape import Path, Shape

MAX_PATTERN_WEIGHT = 200_000
"""Of all patterns of a policy: every test that does not pass is compared with each."""

_AT = ("test_config", "retry")


class Fault(NamedTuple):
    """What keeps a policy from being obeyed. `place` is the path within the policy."""

    place: Path
    message: str
    hint: str = ""


def retry_can_be_obeyed(suite: Suite, shape: Shape, findings: Findings) -> None:
    """Patterns compile and are small; the longest delay is not below the first."""
    policy = suite.test_config.retry
    for fault in faults_of(policy) if policy else ():
        findings.error(shape.spot_of((*_AT, *fault.place)).value, fault.message, fault.hint)


def faults_of(policy: Retry) -> Iterator[Fault]:
    """All that keeps the policy from being obeyed."""
    weight = 0
    for key in ("retry_on_patterns", "no_retry_patterns"):
        for place, text in enumerate(getattr(policy, key)):
            weight += weight_of(text)
            if weight > MAX_PATTERN_WEIGHT:
                yield Fault((key, place), "the patterns of this policy are too large together", "simplify them")
                return
            if problem := _problem(text):
                yield Fault((key, place), f"{quoted(key)} {quoted(text)}: {problem}")
    if policy.exponential_backoff and policy.max_backoff_ms < policy.retry_delay_ms:
        message = f"'max_backoff_ms' is {policy.max_backoff_ms}, less than 'retry_delay_ms', {policy.retry_delay_ms}"
        yield Fault(("max_backoff_ms",), message)


def _problem(text: str) -> str:
    try:
        compile_pattern(text)
    except ValueError as error:
        return str(error)
    return "" if text else "an empty pattern is found everywhere; leave it out"
