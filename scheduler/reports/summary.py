"""The summary at the end of a run, for people: the verdict first, then each cause once, then what else is to be known.

Pure. No text of others begins a line, so that none can pass for a verdict or command a CI system; what others wrote is
escaped. Bounded: it never lists more than a person reads.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harness.models.causes import CauseState, RunCause
from harness.models.outcomes import GOOD, TestOutcome
from harness.models.run import RunReport, TestReport
from scheduler.reports.causes import causes_of
from scheduler.reports.levels import Level
from scheduler.reports.slow import SlowTerms, slow_tests
from scheduler.reports.style import PLAIN, Style
from scheduler.reports.summary_causes import CauseBlock, cause_blocks
from scheduler.reports.summary_tail import tail_lines
from scheduler.reports.summary_words import LABEL, labelled, wrapped
from scheduler.reports.totals import Totals, count_outcomes
from scheduler.reports.verdict import Verdict, no_server_ran, tolerated_tests, verdict
from scheduler.reports.wording import amount, clock, outcome_words, short_id

_COMMAND = re.compile(r"^((?:\x1b\[[0-9;]*m)* *)(?=::|##\[)", re.MULTILINE)  # how CI systems are commanded
_ROLES = {
    Verdict.PASSED: "good",
    Verdict.FAILED: "bad",
    Verdict.INCOMPLETE: "timeout",
    Verdict.CANCELLED: "lost",
}


@dataclass(frozen=True)
class Terms:
    """What a summary tells. `show`: down to which level; `rerun`: how the command begins that runs the tests again."""

    show: Level = Level.SLOW
    slow: SlowTerms = field(default_factory=SlowTerms)
    rerun: str = ""


TERMS = Terms()


@dataclass(frozen=True)
class Summary:
    """A summary in its parts, each as lines: `head`, a block for each cause, `tail`."""

    head: tuple[str, ...]
    causes: tuple[CauseBlock, ...]
    tail: tuple[str, ...]


def render_summary(report: RunReport, style: Style = PLAIN, terms: Terms = TERMS) -> str:
    """The summary as text, as wide as `style` says where the texts allow it. Its first line says it all."""
    parts = summary_of(report, style, terms)
    lines = [*parts.head, *(line for block in parts.causes for line in ("", *block.lines))]
    return harmless([*lines, *(("", *parts.tail) if parts.tail else ())])


def summary_of(report: RunReport, style: Style, terms: Terms) -> Summary:
    """The summary in its parts."""
    causes = causes_of(report)
    return Summary(
        head=(verdict_line(report, style), *_counts_lines(report, style, terms)),
        causes=tuple(cause_blocks(report, causes, style)) if terms.show >= Level.FAIL else (),
        tail=tuple(tail_lines(report, style, terms.show, terms.slow, terms.rerun)),
    )


def verdict_line(report: RunReport, style: Style = PLAIN) -> str:
    """`FAILED       7 of 300 tests, 3 causes (2 new, 1 known), in 1m52s`."""
    word = verdict(report)
    return style.paint(f"{word:{LABEL}}".rstrip(), _ROLES[word]) + " " * (LABEL - len(word)) + _said(report, word)


def harmless(lines: Sequence[str]) -> str:
    """The lines as text of which none is a command to a CI system."""
    return _COMMAND.sub(r"\1| ", "\n".join(lines) + "\n")


def _said(report: RunReport, word: Verdict) -> str:
    totals = count_outcomes(report.tests)
    if word is Verdict.FAILED:
        return f"{_bad(report, totals)}{_time(report)}" + (
            ": no server could be started" if no_server_ran(report) else ""
        )
    if word is Verdict.PASSED:
        good = sum(totals.of(outcome) for outcome in GOOD)
        flaky = f", {totals.of(TestOutcome.FLAKY):,} flaky" if totals.of(TestOutcome.FLAKY) else ""
        forgiven = len(tolerated_tests(report))
        tolerated = f", {forgiven:,} that failed tolerated by their suites" if forgiven else ""
        where = f"{_servers(report)}{_time(report, comma='')}"
        return f"{good:,} of {amount(totals.total, 'test')}{where}{flaky}{tolerated}"
    ended = totals.total - totals.unfinished
    return (
        f"{ended:,} of {amount(totals.total, 'test')} {'has' if totals.total == 1 else 'have'} a result{_time(report)}"
    )


def _bad(report: RunReport, totals: Totals) -> str:
    causes = causes_of(report)
    return f"{totals.bad:,} of {amount(totals.total, 'test')}, {amount(len(causes), 'cause')}{_news(causes)}"


def _news(causes: Sequence[RunCause]) -> str:
    """` (2 new, 1 known)`."""
    new = sum(cause.state is CauseState.NEW for cause in causes)
    known = len(causes) - new
    if len(causes) == 1:
        return " (new)" if new else " (known)"
    return f" ({', '.join(f'{count:,} {word}' for count, word in ((new, 'new'), (known, 'known')) if count)})"


def _servers(report: RunReport) -> str:
    return f" on {amount(len({test.target for test in report.tests}), 'server')}"


def _time(report: RunReport, comma: str = ",") -> str:
    run = report.run
    if run.finished_at is None:
        return ""
    return f"{comma} in {clock((run.finished_at - run.created_at).total_seconds())}"


def _counts_lines(report: RunReport, style: Style, terms: Terms) -> Iterator[str]:
    """Counts that sum to the total, retries that were used, and what was slow."""
    totals = count_outcomes(report.tests)
    shown = [f"{totals.of(outcome):,} {outcome_words(outcome)}" for outcome in _told(totals)]
    open_tests = [f"{totals.open:,} open"] if totals.open else []
    retries = f"; {_retries(report.run.retries)} used" if report.run.retries else ""
    text = ", ".join([*shown, *open_tests]) + retries + _slow(report.tests, terms)
    yield from (labelled("", line) for line in wrapped(text, style.width - LABEL))


def _told(totals: Totals) -> list[TestOutcome]:
    return [outcome for outcome in TestOutcome if totals.of(outcome) or outcome is TestOutcome.PASSED]


def _retries(count: int) -> str:
    return f"{count:,} {'retry' if count == 1 else 'retries'}"


def _slow(tests: Sequence[TestReport], terms: Terms) -> str:
    """`. 1 slow: reports/export/full-dump 41.8s`; several are named below."""
    slow = slow_tests(tests, terms.slow) if terms.show >= Level.SLOW else []
    if not slow:
        return ""
    named = f": {short_id(slow[0].test_id)} {clock(slow[0].duration_s)}" if len(slow) == 1 else ""
    return f". {len(slow):,} slow{named}"
