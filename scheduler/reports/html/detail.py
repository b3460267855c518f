"""One test as the page shows it when it is opened. Pure but for the look-ups that the options hold."""

from harness.models.evidence import Evidence
from harness.models.looking_back import PastTest
from harness.models.run import TestReport
from harness.safe_text import one_line
from scheduler.reports.attempts import deciding_record
from scheduler.reports.html.attempt import MAX_LINE, MAX_WORD, show_attempt
from scheduler.reports.html.codes import words_of
from scheduler.reports.html.options import HtmlOptions
from scheduler.reports.html.shown import PastResult, ShownTest
from scheduler.reports.wording import MAX_ID

MAX_ATTEMPTS, MAX_HISTORY = 20, 20


def show_test(test: TestReport, options: HtmlOptions, body_limit: int) -> ShownTest:
    """The newest attempts of the test, each with its evidence. `body_limit`: characters of a request, of an answer."""
    attempts = test.attempts[-MAX_ATTEMPTS:]
    deciding = deciding_record(test)
    return ShownTest(
        test_id=one_line(test.test_id, MAX_ID),
        reason=one_line(test.reason, MAX_LINE),
        decides=next((place for place, attempt in enumerate(attempts) if attempt.record is deciding), 0),
        attempts=tuple(
            show_attempt(test, attempt, _evidence(attempt.record.evidence, options), body_limit) for attempt in attempts
        ),
        history=tuple(_past(entry) for entry in options.history(test)[:MAX_HISTORY]),
    )


def _evidence(digest: str, options: HtmlOptions) -> Evidence | None:
    return options.evidence(digest) if digest else None


def _past(entry: PastTest) -> PastResult:
    return PastResult(
        run_id=one_line(entry.run_id, MAX_WORD),
        at=entry.at.isoformat(timespec="seconds"),
        outcome=words_of(entry.outcome),
        took_ms=(entry.duration_s if entry.call_s is None else entry.call_s) * 1000,
        server=one_line(entry.server, MAX_WORD),
        reason=one_line(entry.reason, MAX_LINE),
    )
