"""The summary at the end of a run, for people: the verdict first, then what did not pass, and why. Pure.

No text of others begins a line, so that none can pass for a verdict or command a CI system; plain ASCII but for what
others wrote, which is escaped. Bounded: it never lists more than a person reads.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.models.outcomes import BAD, NO_SERVER_CAUSES, CauseKind, TestOutcome
from harness.models.run import RunReport, TestReport
from harness.safe_text import one_line
from scheduler.reports.attempts import deciding_record
from scheduler.reports.explain import MAX_REASON, attempts_text, flaky_text, stderr_lines, why_lines
from scheduler.reports.totals import Totals, count_outcomes
from scheduler.reports.verdict import Verdict, no_server_ran, verdict
from scheduler.reports.wording import WORDS, amount, clock, outcome_words, short_id

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

Key = tuple[str, str, TestOutcome | None, object]
"""Suite, target, outcome, and why."""


@dataclass(frozen=True)
class Problem:
    """Tests of one target that did not pass for one and the same reason. Those that were tried come first."""

    tests: tuple[TestReport, ...]

    @property
    def example(self) -> TestReport:
        """The test that is shown in full."""
        return self.tests[0]

    @property
    def untried(self) -> tuple[TestReport, ...]:
        """Those that ended because others had shown that the server cannot be started."""
        return tuple(test for test in self.tests if _is_untried(test))


def render_summary(report: RunReport, *, colour: bool, width: int) -> str:
    """The summary as text, `width` columns where the texts allow it. Its first line says it all."""
    lines = [*_head(report), *_problems(report.tests, width), *_tail(report)]
    text = _COMMAND.sub(r"\1| ", "\n".join(lines) + "\n")
    return _coloured(text) if colour else text


def _head(report: RunReport) -> Iterator[str]:
    totals = count_outcomes(report.tests)
    yield _labelled(verdict(report), _headline(report, totals))
    retries = f"; {_retries(report.run.retries)} used" if report.run.retries else ""
    yield _labelled("", _counts(totals) + retries)


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


def _retries(count: int) -> str:
    return f"{count:,} {'retry' if count == 1 else 'retries'}"


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
    """One problem per target and reason; what was not tried belongs to the first start that failed."""
    groups: dict[Key, list[TestReport]] = {}
    down: dict[tuple[str, str], Key] = {}
    for test in sorted(bad, key=_is_untried):
        key = (test.suite, test.target, test.outcome, _why(test))
        if test.cause in NO_SERVER_CAUSES:
            first = down.setdefault((test.suite, test.target), key)
            key = first if _is_untried(test) else key
        groups.setdefault(key, []).append(test)
    return [Problem(tuple(tests)) for tests in groups.values()]


def _is_untried(test: TestReport) -> bool:
    return test.cause is CauseKind.SERVER_UNREACHABLE


def _why(test: TestReport) -> object:
    record = deciding_record(test)
    return record.failures if record and record.failures else test.reason


def _problem(problem: Problem, width: int) -> Iterator[str]:
    test = problem.example
    yield f"  {_word(test)} {clock(test.duration_s):>7}  {short_id(test.test_id)}"
    details = [*_place(test), *why_lines(test, width - DETAIL), *stderr_lines(test), *_others(problem)]
    yield from (" " * DETAIL + detail for detail in details)


def _word(test: TestReport) -> str:
    return f"{WORDS[test.outcome or TestOutcome.NOT_RUN]:8}"


def _place(test: TestReport) -> Iterator[str]:
    parts = (f"{test.file}:{test.line}" if test.file else "", attempts_text(test))
    if any(parts):
        yield one_line("   ".join(part for part in parts if part), MAX_PLACE)


def _others(problem: Problem) -> Iterator[str]:
    others = [short_id(test.test_id) for test in problem.tests[1:]]
    if others:
        more = f" and {len(others) - MAX_SAME:,} more" if len(others) > MAX_SAME else ""
        yield f"same: {', '.join(others[:MAX_SAME])}{more}"
    untried = problem.untried
    if untried and not _is_untried(problem.example):
        text = f"{len(untried):,} of these {len(problem.tests):,} were not tried: {untried[0].reason}"
        yield one_line(text, MAX_REASON)


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
            yield "   ".join(part for part in (short_id(test.test_id), flaky_text(test)) if part)


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
