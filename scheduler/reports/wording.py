"""How outcomes, times and amounts are written in reports for people. Pure; knows no stream and no colour code."""

from harness.models.attempt import AttemptRecord
from harness.models.outcomes import TestOutcome
from harness.safe_text import one_line

WORDS = {
    TestOutcome.PASSED: "PASS",
    TestOutcome.FLAKY: "FLAKY",
    TestOutcome.FAILED: "FAIL",
    TestOutcome.ERROR: "ERROR",
    TestOutcome.TIMEOUT: "TIMEOUT",
    TestOutcome.SKIPPED: "SKIP",
    TestOutcome.CANCELLED: "CANCEL",
    TestOutcome.NOT_RUN: "NOTRUN",
}
MAX_ID, MAX_TEXT = 400, 1_000


def clock(duration_s: float) -> str:
    """`0.41s`, `41.8s`, `1m46s`, `2h03m`. Rounded down, so that nothing looks longer than it was."""
    hundredths = int(max(0.0, duration_s) * 100)
    if hundredths < 1_000:
        return f"{hundredths // 100}.{hundredths % 100:02}s"
    if hundredths < 6_000:
        return f"{hundredths // 100}.{hundredths % 100 // 10}s"
    minutes, seconds = divmod(hundredths // 100, 60)
    return f"{minutes}m{seconds:02}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"


def amount(count: int, thing: str) -> str:
    """`1 test`, `1,204 tests`."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def outcome_words(outcome: TestOutcome) -> str:
    """`not_run` as two words."""
    return outcome.replace("_", " ")


def short_id(test_id: str) -> str:
    """A test's id without the project that a laptop has, safe to print."""
    return one_line(test_id.removeprefix("default/"), MAX_ID)


def reason_of(record: AttemptRecord) -> str:
    """One line that says why an attempt did not pass."""
    return one_line(record.reason or str(record.outcome or "passed over"), MAX_TEXT)
