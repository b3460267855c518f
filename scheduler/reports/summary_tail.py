"""What a summary tells below its causes: what was fixed, flaky, slow, warned, left out; what can be done. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator

from harness.models.attempt import AttemptRecord
from harness.models.outcomes import BAD, AttemptOutcome, TestOutcome
from harness.models.run import RunReport, TestReport
from harness.safe_text import one_line
from scheduler.reports.attempts import counting_records, deciding_record
from scheduler.reports.explain import MAX_REASON, flaky_text, warned_text
from scheduler.reports.levels import Level
from scheduler.reports.slow import SlowTerms, slow_tests
from scheduler.reports.style import Style
from scheduler.reports.summary_words import labelled, section, wrapped
from scheduler.reports.totals import count_outcomes
from scheduler.reports.wording import amount, clock, outcome_words, reason_of, short_id

MAX_FLAKY, MAX_FIXED, MAX_SLOW, MAX_WARNED, MAX_REASONS, MAX_WARNINGS, MAX_CHANGES = 10, 5, 10, 10, 5, 10, 5
MAX_PASSED, MAX_ATTEMPTS = 1_000, 5
MAX_NAME = 100
ATTEMPT = " " * 15
_ATTEMPT_WORDS = {
    AttemptOutcome.PASSED: "PASS",
    AttemptOutcome.FAILED: "FAIL",
}


def tail_lines(report: RunReport, style: Style, show: Level, slow: SlowTerms, rerun: str) -> Iterator[str]:
    """Everything below the causes, as far as `show` goes."""
    width, slowest = style.width, slow_tests(report.tests, slow)
    if show >= Level.FAIL:
        yield from section("fixed", _fixed(report), MAX_FIXED, width)
        yield from section("changed", _changed(report), MAX_CHANGES, width)
    if show >= Level.FLAKY:
        yield from _flaky(report, style)
    if show >= Level.SLOW:
        yield from section("slow", (_slow(test, slow) for test in slowest) if len(slowest) > 1 else (), MAX_SLOW, width)
        yield from section("warned", _warned(report.tests), MAX_WARNED, width)
        for outcome in (TestOutcome.SKIPPED, TestOutcome.CANCELLED, TestOutcome.NOT_RUN):
            yield from section(outcome_words(outcome), _reasons(report.tests, outcome), MAX_REASONS, width)
    if show >= Level.PASS:
        yield from section("passed", _passed(report.tests), MAX_PASSED, width)
    yield from section("late", _late(report.run.stale_records), 1, width)
    yield from section("warning", (one_line(text, MAX_REASON) for text in report.run.warnings), MAX_WARNINGS, width)
    yield from _what_now(report, rerun)


def _fixed(report: RunReport) -> Iterator[str]:
    for cause in report.comparison.fixed if report.comparison else ():
        servers = ", ".join(one_line(target, MAX_NAME) for target in cause.targets[:3])
        yield f"{amount(cause.tests, 'test')} on {servers}: {one_line(cause.title, MAX_REASON)}   {cause.cause_id}"


def _changed(report: RunReport) -> Iterator[str]:
    """Since the run before: servers that say another version, tests that came and went."""
    before = report.comparison
    if before is None:
        return
    for change in before.versions:
        versions = f"{one_line(change.before, MAX_NAME)} -> {one_line(change.after, MAX_NAME)}"
        yield f"{one_line(change.target, MAX_NAME)}   {versions}"
    counts = [f"{amount(before.added, 'test')} added"] if before.added else []
    counts += [f"{amount(before.removed, 'test')} removed"] if before.removed else []
    if counts:
        yield f"{', '.join(counts)} since run {before.run_id}"


def _flaky(report: RunReport, style: Style) -> Iterator[str]:
    """With each attempt where nothing else is to be told, else on one line each."""
    flaky = [test for test in report.tests if test.outcome is TestOutcome.FLAKY]
    if count_outcomes(report.tests).bad or len(flaky) > MAX_FLAKY:
        yield from section("flaky", map(_flaky_line, flaky), MAX_FLAKY, style.width)
        return
    for place, test in enumerate(flaky):
        yield from section("" if place else "flaky", [_flaky_head(test)], 1, style.width)
        for line in attempt_lines(test, style):
            yield from (f"{ATTEMPT}{part}" for part in wrapped(line, style.width - len(ATTEMPT)))


def _flaky_line(test: TestReport) -> str:
    return "   ".join(part for part in (short_id(test.test_id), flaky_text(test)) if part)


def _flaky_head(test: TestReport) -> str:
    records, last = counting_records(test), deciding_record(test)
    passed = f"passed on attempt {records.index(last) + 1}" if last in records else ""
    return "   ".join(part for part in (short_id(test.test_id), passed) if part)


def attempt_lines(test: TestReport, style: Style) -> Iterator[str]:
    """Each attempt of a test: how it ended, after how long, why, and on which worker."""
    records = counting_records(test)
    for place, record in enumerate(records[:MAX_ATTEMPTS], 1):
        yield f"attempt {place}  {_attempt_word(record, style)} {_attempt_text(record)}".rstrip()
    if len(records) > MAX_ATTEMPTS:
        yield f"and {len(records) - MAX_ATTEMPTS:,} more"


def _attempt_word(record: AttemptRecord, style: Style) -> str:
    outcome = record.outcome or AttemptOutcome.ABORTED
    word = _ATTEMPT_WORDS.get(outcome, outcome.value.upper())
    return style.paint(f"{word:8}", "good" if outcome is AttemptOutcome.PASSED else "bad")


def _attempt_text(record: AttemptRecord) -> str:
    why = "" if record.outcome is AttemptOutcome.PASSED else reason_of(record)
    worker = f"worker {one_line(record.worker, MAX_NAME)}" if record.worker else ""
    return "   ".join(part for part in (f"{clock(record.duration_s):>7}", why, worker) if part)


def _slow(test: TestReport, terms: SlowTerms) -> str:
    usual = terms.p95_s.get(test.test_id)
    known = f"   (95 of 100 runs: {clock(usual)})" if usual is not None else ""
    return f"{short_id(test.test_id)}   {clock(test.duration_s)}{known}"


def _warned(tests: Iterable[TestReport]) -> Iterator[str]:
    for test in tests:
        if text := warned_text(test):
            yield f"{short_id(test.test_id)}   {one_line(text, MAX_REASON)}"


def _reasons(tests: Iterable[TestReport], outcome: TestOutcome) -> Iterator[str]:
    """Each reason with its number of tests, the commonest first: tests that did not run are never listed."""
    counted = Counter(test.reason for test in tests if test.outcome is outcome)
    for reason, count in counted.most_common():
        yield f"{count:,}  {one_line(reason, MAX_REASON)}".rstrip()


def _passed(tests: Iterable[TestReport]) -> Iterator[str]:
    for test in tests:
        if test.outcome is TestOutcome.PASSED:
            yield f"{short_id(test.test_id)}   {clock(test.duration_s)}"


def _late(stale: int) -> Iterator[str]:
    if stale:
        yield f"{amount(stale, 'record')} came too late to count"


def _what_now(report: RunReport, rerun: str) -> Iterator[str]:
    """How the tests that did not pass are run again, and one of them is looked at."""
    bad = next((test for test in report.tests if test.outcome in BAD), None)
    if bad is None:
        return
    if rerun:
        yield labelled("rerun", f"{rerun} --rerun-failed {report.run.run_id}")
    yield labelled("look closer", f"mcp-test-harness attempts {report.run.run_id} {bad.number}")
