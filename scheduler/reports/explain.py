"""Why a test did not pass, as lines for people: the checks, or the reason, and what the server wrote last. Pure.

The one place that words this, for the progress, the summary and JUnit. Lines are bounded, safe to print and not yet
indented; every text of others stands behind words of ours.
"""

from collections.abc import Iterator

from harness.models.attempt import AttemptRecord, CheckFailure
from harness.models.outcomes import BAD_ATTEMPTS, AttemptOutcome
from harness.models.run import TestReport
from harness.safe_text import one_line
from scheduler.reports.attempts import counting_records, deciding_record, first_failure
from scheduler.reports.shown_pair import pair_lines, sentence, title_of
from scheduler.reports.style import PLAIN, Style
from scheduler.reports.summary_words import wrapped
from scheduler.reports.wording import amount, reason_of

MAX_CHECKS, MAX_STDERR_LINES = 5, 4
MAX_REASON, MAX_STDERR_LINE = 500, 200
SHARED_STDERR = "stderr of the session (shared with other tests)"
OWN_STDERR = "stderr"


def why_lines(test: TestReport, columns: int, style: Style = PLAIN) -> Iterator[str]:
    """Each check that did not hold, or else the reason; lines of `columns` where the texts allow it."""
    record = deciding_record(test)
    failures = record.failures if record else ()
    for failure in failures[:MAX_CHECKS]:
        yield from pair_lines(failure, columns, style)
    if len(failures) > MAX_CHECKS:
        yield f"and {amount(len(failures) - MAX_CHECKS, 'more check')}"
    reason = test.reason or (reason_of(record) if record else "")
    if reason and not failures:
        yield from wrapped(one_line(reason, MAX_REASON), columns)


def why_text(test: TestReport) -> str:
    """The same on one line: the first check that did not hold, or else the reason."""
    record = deciding_record(test)
    if record and record.failures:
        more = len(record.failures) - 1
        return sentence(record.failures[0]) + (f" (and {more} more)" if more else "")
    return one_line(test.reason or (reason_of(record) if record else ""), MAX_REASON)


def attempts_text(test: TestReport) -> str:
    """`failed 3 of 3 attempts`, `failed 2, lost 1 of 3 attempts`: of a test that was run again and did not pass."""
    outcomes = [record.outcome for record in counting_records(test)]
    bad, lost = sum(outcome in BAD_ATTEMPTS for outcome in outcomes), outcomes.count(AttemptOutcome.LOST)
    counts = ", ".join(f"{word} {count}" for word, count in (("failed", bad), ("lost", lost)) if count)
    return f"{counts} of {len(outcomes)} attempts" if counts and len(outcomes) > 1 else ""


def flaky_text(test: TestReport) -> str:
    """`passed on attempt 3; attempt 1: …`: of a test that passed after attempts that did not."""
    records, first, last = counting_records(test), first_failure(test), deciding_record(test)
    if first is None or last is None:
        return ""
    return f"passed on attempt {records.index(last) + 1}; attempt {records.index(first) + 1}: {reason_of(first)}"


def warnings_of(test: TestReport) -> tuple[str, ...]:
    """What a test warned of, a sentence each: checks that did not hold and do not decide."""
    record = deciding_record(test)
    return tuple(map(sentence, record.warnings)) if test.warned and record else ()


def warned_text(test: TestReport) -> str:
    """The first warning of a test, and how many more there are."""
    first, *others = warnings_of(test) or ("",)
    return f"{first} (and {len(others)} more)" if others else first


def stderr_lines(test: TestReport) -> Iterator[str]:
    """Whose stderr it is, and its last lines; nothing where nothing was written."""
    record = deciding_record(test)
    lines = [line for line in record.stderr_tail.splitlines() if line.strip()] if record else []
    if record and lines:
        shown = lines[-MAX_STDERR_LINES:]
        part = f", last {len(shown)} of {len(lines)} lines" if len(shown) < len(lines) else ""
        yield f"{stderr_title(record)}{part}:"
        yield from (f"  | {one_line(line, MAX_STDERR_LINE)}" for line in shown)


def stderr_title(record: AttemptRecord) -> str:
    """A server that had other tests before or beside this one may have written about those."""
    return SHARED_STDERR if record.session and record.session.shared else OWN_STDERR


def stacked_lines(failure: CheckFailure, limit: int = MAX_REASON) -> tuple[str, str, str]:
    """The check, what was expected and what came, under each other, each text of at most `limit` characters."""
    expected, actual = one_line(failure.expected, limit), one_line(failure.actual, limit)
    return title_of(failure), f"  expected  {expected}", f"  got       {actual}"
