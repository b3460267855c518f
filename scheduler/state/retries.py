"""Whether a test that did not pass is run again, and when. Pure: chance comes in as a number.

A policy speaks of *our own* words for what went wrong, listed here: a server whose text decided about its retries
could make itself pass, or keep the farm busy.
"""

from collections.abc import Iterable, Mapping

from harness.checks.budget import Budget
from harness.checks.pattern import compile_pattern
from harness.models.attempt import AttemptRecord
from harness.models.outcomes import BAD_ATTEMPTS, CauseKind
from harness.models.suite import Retry

WORDS: Mapping[CauseKind, str] = {
    CauseKind.CHECK: "check failed",
    CauseKind.UNEXPECTED_ERROR: "the server answered with an error",
    CauseKind.NO_SUCH_TOOL: "no such tool, not found",
    CauseKind.SERVER_UNAVAILABLE: "server unavailable, connection refused, resource unavailable, could not be started",
    CauseKind.INSTALL_FAILED: "install failed, server unavailable",
    CauseKind.SERVER_DIED: "server died, connection lost, connection reset, connection closed",
    CauseKind.PROTOCOL: "protocol fault, invalid message",
    CauseKind.TIME_LIMIT: "timeout, timed out, time limit, connection timeout",
    CauseKind.SETUP: "set-up failed",
    CauseKind.SCRIPT: "script",
    CauseKind.JUDGING: "judging too slow",
    CauseKind.HARNESS: "harness",
}
"""What patterns are compared with, by cause; docs/suites.md shows the table. Other causes are never retried."""

MIN_BUDGET = 10
BUDGET_SHARE = 0.1
"""Of a run's tests may be run again, all retries together: a broken server does not double the night."""


def retry_budget(total: int) -> int:
    """How many retries a run of `total` tests has."""
    return max(MIN_BUDGET, int(total * BUDGET_SHARE))


def words_of(record: AttemptRecord) -> str:
    """Our words for what became of an attempt: its outcome, its cause, and the names of checks that did not hold."""
    if record.outcome is None or record.cause is None:
        return ""
    checks = " ".join(dict.fromkeys(failure.check for failure in record.failures))
    return f"{record.outcome}: {WORDS.get(record.cause.kind, '')} {checks}".strip()


def wants_retry(policy: Retry | None, record: AttemptRecord, retries: int, *, idempotent: bool) -> bool:
    """Whether the policy, after `retries` of them, has the test run again."""
    if policy is None or retries >= policy.max_retries or record.outcome not in BAD_ATTEMPTS:
        return False
    if record.cause is None or record.cause.kind not in WORDS:
        return False
    if record.request_written and not idempotent:
        return False
    words = words_of(record)
    if _any_found(policy.no_retry_patterns, words):
        return False
    return not policy.retry_on_patterns or _any_found(policy.retry_on_patterns, words)


def delay_ms(policy: Retry, retries: int, chance: float) -> int:
    """How long to wait before retry number `retries` + 1. `chance` is in [0, 1) and shortens it by up to a half."""
    wait = policy.retry_delay_ms
    if policy.exponential_backoff:
        wait = min(wait * 2**retries, max(policy.max_backoff_ms, policy.retry_delay_ms))
    return round(wait * (1 - chance / 2)) if policy.jitter else wait


def _any_found(patterns: Iterable[str], words: str) -> bool:
    return any(compile_pattern(f"(?i){pattern}").is_found_in(words, Budget()) for pattern in patterns)
