"""How outcomes are written and marked in the HTML report: the same words and signs as on the terminal. Pure."""

from harness.models.outcomes import TestOutcome
from scheduler.reports.verdict import Verdict
from scheduler.reports.wording import clock, outcome_words

OUTCOMES: tuple[str, ...] = (*(outcome.value for outcome in TestOutcome), "open")
"""An outcome's place here is its code in the index."""
SIGNS = {
    TestOutcome.PASSED: "✓",
    TestOutcome.FLAKY: "↻",
    TestOutcome.FAILED: "✗",
    TestOutcome.ERROR: "✗",
    TestOutcome.TIMEOUT: "✗",
}
NO_SIGN = "-"
VERDICT_COLOURS = {
    Verdict.PASSED: "1a6b3c",
    Verdict.FAILED: "b3261e",
    Verdict.INCOMPLETE: "8a4b00",
    Verdict.CANCELLED: "3f3fa8",
}


def short_time(duration_s: float) -> str:
    """Like `clock`, but in milliseconds below a second: calls are short."""
    return clock(duration_s) if duration_s >= 1 else f"{duration_s * 1000:.{1 if duration_s < 0.01 else 0}f}ms"


def code_of(outcome: TestOutcome | None) -> int:
    """The outcome's place in `OUTCOMES`."""
    return OUTCOMES.index(outcome.value if outcome else "open")


def sign_of(outcome: TestOutcome | None) -> str:
    """One character that stands beside the word, never instead of it."""
    return SIGNS.get(outcome, NO_SIGN) if outcome else NO_SIGN


def words_of(outcome: TestOutcome | None) -> str:
    """The outcome in words."""
    return outcome_words(outcome) if outcome else "open"
