"""The summary at the end of a run, for people: the verdict first, then what did not pass, and why. Pure.

No text of others begins a line, so that none can pass for a verdict or command a CI system; plain ASCII but for what
others wrote, which is escaped. Bounded: it never lists more than a person reads.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.models.outcomes import BAD, TestOutcome
from harness.models.run import RunReport, TestReport
from harness.safe_text import one_line
from scheduler.reports.attempts import counting_records, deciding_record, first_failure
from scheduler.reports.explain import MAX_REASON, stderr_lines, why_lines
from scheduler.reports.totals import Totals, count_outcomes
from scheduler.reports.verdict import Verdict, no_server_ran, verdict
from scheduler.reports.wording import WORDS, amount, clock, outcome_words, reason_of, short_id

LABEL = 13  # columns of the words at the left
DETAIL = 19  # columns before the lines that explain a test
MAX_PROBLEMS, MAX_SAME, MAX_FLAKY, MAX_REASONS, MAX_WARNINGS = 20, 5, 10, 5, 10
MAX_PLACE = 200

COLOURS = {
    "PASSED": "32;1", "FAILED": "31;1", "INCOMPLETE": "33;1", "CANCELLED": "34;1",
    "FAIL": "31;1", "ERROR": "35", "TIMEOUT": "33;1",
}  # fmt: skip
_COMMAND = re.compile(r"^( *)(?=::|##\[)", re.MULTILINE)  # how CI systems are commanded, blanks before it or not
_FIRST_WORD = re.compile(rf"^( {{2}})?({'|'.join(COLOURS)})(?= )", re.MULTILINE)


@dataclass(frozen=True)
class Problem:
    """Tests of one target that did not pass for one and the same reason."""

    tests: tuple[TestReport, ...]

    @property
    def example(self) -> TestReport:
        """The test that is shown in full."""
        return self.tests[0]


def render_summary(report: RunReport, *, colour: bool, width: int) -> str:
    """The summary as text, `width` columns where the texts allow it. Its first line says it all."""
    lines = [*_head(report), *_problems(report.tests, width), *_tail(report)]
    text = _COMMAND.sub(r"\1| ", "\n".join(lines) + "\n")
    return _coloured(text) if colour else text


def _head(report: RunReport) -> Iterator[str]:
    totals = count_outcomes(report.tests)
    yield _labelled(verdict(report), _headline(report, totals))
    yield _labelled("", _counts(totals))


def _headline(report: RunReport, totals: Totals) -> str:
    word = verdict(report)
    if word is Verdict.FAILED:
        share = f"{totals.bad:,} of {amount(totals.total, 'test')}"
        return share + _where(report) + (": no server could be started" if no_server_ran(report) else "")
    if word is Verdict.PASSED:
        passed = totals.of(TestOutcome.PASSED) + totals.of(TestOutcome.FLAKY)
        flaky = f", {totals.of(TestOutcome.FLAKY):,} flaky" if totals.of(TestOutcome.FLAKY) else ""
        return f"{passed:,} of {amount(totals.total, 'test')}{_where(report)}{flaky}"
    ended = totals.total - totals.unfinished
    return f"{ended:,} of {amount(totals.total, 'test')} {'has' if totals.total == 1 else 'have'} a result" + _where(
        report
    )


def _where(report: RunReport) -> str:
    servers = len({(test.suite, test.target) for test in report.tests})
    run = report.run
    took = f" in {clock((run.finished_at - run.created_at).total_seconds())}" if run.finished_at else ""
    return f" on {amount(servers, 'server')}{took}"


def _counts(totals: Totals) -> str:
    """Counts that sum to the total."""
    shown = [f"{totals.of(TestOutcome.PASSED):,} passed"]
    shown += [
        f"{count:,} {outcome_words(outcome)}"
        for outcome, count in totals.by_outcome.items()
        if outcome is not TestOutcome.PASSED
    ]
    return ", ".join(shown + ([f"{totals.open:,} open"] if totals.open else []))


def _problems(tests: Sequence[TestReport], width: int) -> Iterator[str]:
    problems = _grouped([test for test in tests if test.outcome in BAD])
    for problem in problems[:MAX_PROBLEMS]:
        yield ""
        yield from _problem(problem, width)
    hidden = sum(len(problem.tests) for problem in problems[MAX_PROBLEMS:])
    if hidden:
        yield ""
        yield f"  and {hidden:,} more that did not pass"


def _grouped(bad: Sequence[TestReport]) -> list[Problem]:
    groups: dict[tuple[object, ...], list[TestReport]] = {}
    for test in bad:
        record = deciding_record(test)
        why = record.failures if record and record.failures else test.reason
        groups.setdefault((test.suite, test.target, test.outcome, why), []).append(test)
    return [Problem(tuple(tests)) for tests in groups.values()]


def _problem(problem: Problem, width: int) -> Iterator[str]:
    test = problem.example
    yield f"  {_word(test)} {clock(test.duration_s):>7}  {short_id(test.test_id)}"
    details = [*_place(test), *why_lines(test, width - DETAIL), *stderr_lines(test), *_same(problem)]
    yield from (" " * DETAIL + detail for detail in details)


def _word(test: TestReport) -> str:
    return f"{WORDS[test.outcome or TestOutcome.NOT_RUN]:8}"


def _place(test: TestReport) -> Iterator[str]:
    tries = len(counting_records(test))
    place = f"{test.file}:{test.line}" if test.file else ""
    again = f"{tries} attempts" if tries > 1 else ""
    if place or again:
        yield one_line("   ".join(part for part in (place, again) if part), MAX_PLACE)


def _same(problem: Problem) -> Iterator[str]:
    others = [short_id(test.test_id) for test in problem.tests[1:]]
    if others:
        more = f" and {len(others) - MAX_SAME:,} more" if len(others) > MAX_SAME else ""
        yield f"same: {', '.join(others[:MAX_SAME])}{more}"


def _tail(report: RunReport) -> Iterator[str]:
    sections = [
        _section("flaky", _flaky(report.tests), MAX_FLAKY),
        _section("skipped", _reasons(report.tests, TestOutcome.SKIPPED), MAX_REASONS),
        _section("cancelled", _reasons(report.tests, TestOutcome.CANCELLED), MAX_REASONS),
        _section("not run", _reasons(report.tests, TestOutcome.NOT_RUN), MAX_REASONS),
        _section("late", _late(report.run.stale_records), 1),
        _section("warning", (one_line(text, MAX_REASON) for text in report.run.warnings), MAX_WARNINGS),
    ]
    lines = [line for section in sections for line in section]
    yield from ["", *lines] if lines else ()


def _section(label: str, entries: Iterable[str], limit: int) -> Iterator[str]:
    shown = list(entries)
    if len(shown) > limit:
        shown[limit:] = [f"and {len(shown) - limit:,} more"]
    yield from (_labelled(label, entry) for entry in shown)


def _flaky(tests: Iterable[TestReport]) -> Iterator[str]:
    for test in tests:
        if test.outcome is TestOutcome.FLAKY:
            first = first_failure(test)
            number = counting_records(test).index(first) + 1 if first else 0
            yield short_id(test.test_id) + (f"   attempt {number}: {reason_of(first)}" if first else "")


def _reasons(tests: Iterable[TestReport], outcome: TestOutcome) -> Iterator[str]:
    """Each reason with its number of tests, the commonest first: tests that did not run are never listed."""
    counted = Counter(test.reason for test in tests if test.outcome is outcome)
    for reason, count in counted.most_common():
        yield f"{count:,}  {one_line(reason, MAX_REASON)}".rstrip()


def _late(stale: int) -> Iterator[str]:
    if stale:
        yield f"{amount(stale, 'record')} came too late to count"


def _labelled(label: str, text: str) -> str:
    return f"{label:{LABEL}}{text}"


def _coloured(text: str) -> str:
    """Colour the word that a line begins with: decoration only, the words say it all."""
    return _FIRST_WORD.sub(lambda match: f"{match[1] or ''}\x1b[{COLOURS[match[2]]}m{match[2]}\x1b[0m", text)
