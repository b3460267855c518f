"""The parts that Markdown reports are made of: head, counts, causes, flaky tests, servers. Pure.

A part is a block of Markdown, or empty where there is nothing to tell.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.checks.show import show
from harness.models.causes import CauseState, RunCause
from harness.models.outcomes import LEFT_OUT, STOPPED, TestOutcome
from harness.models.run import RunReport, TestReport
from harness.safe_text import one_line
from scheduler.reports.attempts import deciding_record
from scheduler.reports.causes import tests_of
from scheduler.reports.explain import attempts_text, flaky_text, stderr_lines, warned_text, warnings_of, why_lines
from scheduler.reports.markdown_text import code, details, fence, table
from scheduler.reports.totals import count_outcomes
from scheduler.reports.verdict import Verdict, verdict
from scheduler.reports.wording import MAX_ID, amount, clock, outcome_words, short_id

SYMBOLS = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.INCOMPLETE: "-", Verdict.CANCELLED: "-"}
MAX_FLAKY, MAX_REASONS, MAX_SERVERS, MAX_WARNINGS = 20, 10, 200, 10
MAX_EXAMPLE, WIDTH = 8_000, 160
ALWAYS = (TestOutcome.PASSED, TestOutcome.FLAKY, TestOutcome.FAILED, TestOutcome.ERROR, TestOutcome.TIMEOUT)


@dataclass(frozen=True)
class CauseDetail:
    """What is told of one cause: names of tests beside the example, lines of it, characters of its answer."""

    names: int = 5
    checks: int = 5
    answer: int = 0


def headline(report: RunReport, causes: Sequence[RunCause]) -> str:
    """`## ✗ nightly: 7 of 300 tests failed, 3 causes (2 new)`."""
    word = verdict(report)
    name = code(report.run.name or report.run.run_id)
    return f"## {SYMBOLS[word]} {name}: {headline_text(report, causes)}"


def headline_text(report: RunReport, causes: Sequence[RunCause]) -> str:
    """What the verdict says, in our own words alone."""
    totals, word = count_outcomes(report.tests), verdict(report)
    if totals.bad:
        said = f"{totals.bad:,} of {amount(totals.total, 'test')} failed, {amount(len(causes), 'cause')}{_news(causes)}"
        return said + (f"; {totals.unfinished:,} without a result" if totals.unfinished else "")
    if word is Verdict.PASSED:
        good = totals.of(TestOutcome.PASSED) + totals.of(TestOutcome.FLAKY)
        flaky = totals.of(TestOutcome.FLAKY)
        return f"{good:,} of {amount(totals.total, 'test')} passed" + (f", {flaky:,} flaky" if flaky else "")
    return f"{totals.total - totals.unfinished:,} of {amount(totals.total, 'test')} have a result"


def counts_table(report: RunReport) -> str:
    """Counts that sum to the number of tests, the wall time and the number of servers."""
    totals = count_outcomes(report.tests)
    shown = [outcome for outcome in TestOutcome if outcome in ALWAYS or totals.of(outcome)]
    cells = [(outcome_words(outcome), f"{totals.of(outcome):,}") for outcome in shown]
    cells += [("open", f"{totals.open:,}")] if totals.open else []
    run = report.run
    if run.finished_at:
        cells.append(("time", clock((run.finished_at - run.created_at).total_seconds())))
    cells.append(("servers", f"{len({test.target for test in report.tests}):,}"))
    return table(tuple(head for head, _ in cells), [tuple(cell for _, cell in cells)], "r" * len(cells))


def since_line(report: RunReport, causes: Sequence[RunCause]) -> str:
    """What changed against the run before."""
    before = report.comparison
    if before is None:
        return ""
    new = sum(cause.state is CauseState.NEW for cause in causes)
    said = [amount(new, "new cause"), f"{len(before.fixed):,} fixed"]
    said += [
        f"{code(change.target, 80)} {code(change.before, 40)} → {code(change.after, 40)}"
        for change in before.versions[:5]
    ]
    said += [f"{amount(before.added, 'test')} added"] if before.added else []
    said += [f"{before.removed:,} removed"] if before.removed else []
    return f"**Since run {code(before.run_id, 40)}:** {', '.join(said)}"


def cause_section(cause: RunCause, numbered: Mapping[int, TestReport], detail: CauseDetail) -> str:
    """One cause: what and where, one example in full, the names of the others."""
    tests = tests_of(cause, numbered)
    parts = [f"### {cause_head(cause)}"]
    if tests and detail.checks:
        parts.append(fence("\n".join(_example(tests[0], detail.checks)), MAX_EXAMPLE))
    if tests and detail.answer:
        parts.append(_answer(tests[0], detail.answer))
    if len(tests) > 1 and detail.names:
        parts.append(_others(tests[1:], detail.names))
    return "\n\n".join(part for part in parts if part)


def cause_head(cause: RunCause) -> str:
    """`NEW · 4 tests on `orders` · `range at items[*].price` · c3f9a01bc`; a cause without an id has no state."""
    servers = ", ".join(code(target, 80) for target in cause.targets[:3])
    servers += f" and {len(cause.targets) - 3} more" if len(cause.targets) > 3 else ""
    parts = [f"{amount(len(cause.tests), 'test')} on {servers}", code(cause.title)]
    if not cause.cause_id:
        return " · ".join(parts)
    since = f"since run {code(cause.since_run, 40)}" if cause.since_run else ""
    return " · ".join(part for part in (cause.state.value.upper(), *parts, since, code(cause.cause_id, 40)) if part)


def more_causes(hidden: Sequence[RunCause]) -> str:
    """How many causes are not told, and how many tests they have."""
    if not hidden:
        return ""
    tests = sum(len(cause.tests) for cause in hidden)
    return f"And {amount(len(hidden), 'more cause')} of {amount(tests, 'test')}: the full report tells them."


def flaky_section(report: RunReport) -> str:
    """Tests that passed on a retry, and why they did not at first."""
    flaky = [test for test in report.tests if test.outcome is TestOutcome.FLAKY]
    if not flaky:
        return ""
    rows = [(code(short_id(test.test_id)), code(flaky_text(test), 300)) for test in flaky[:MAX_FLAKY]]
    rows += [(f"and {len(flaky) - MAX_FLAKY:,} more", "")] if len(flaky) > MAX_FLAKY else []
    return details(f"{len(flaky):,} flaky", table(("test", "what happened"), rows, "ll"))


def warned_section(report: RunReport) -> str:
    """Tests that passed and warn."""
    warned = [test for test in report.tests if warnings_of(test)]
    if not warned:
        return ""
    rows = [(code(short_id(test.test_id)), code(warned_text(test), 300)) for test in warned[:MAX_FLAKY]]
    rows += [(f"and {len(warned) - MAX_FLAKY:,} more", "")] if len(warned) > MAX_FLAKY else []
    return details(f"{len(warned):,} warned", table(("test", "what it warns of"), rows, "ll"))


def reasons_section(report: RunReport) -> str:
    """Tests that did not run, counted by reason, never listed."""
    reasons = Counter(
        (test.outcome, test.reason) for test in report.tests if test.outcome in LEFT_OUT | STOPPED
    ).most_common()
    if not reasons:
        return ""
    rows = [(_words(outcome), f"{count:,}", code(reason, 300)) for (outcome, reason), count in reasons[:MAX_REASONS]]
    rows += [("and more", "", "")] if len(reasons) > MAX_REASONS else []
    total = sum(count for _, count in reasons)
    return details(f"{total:,} not run", table(("outcome", "tests", "reason"), rows, "lrl"))


def warnings_section(report: RunReport) -> str:
    """What the run wants to be known."""
    shown = [f"- {code(text, 300)}" for text in report.run.warnings[:MAX_WARNINGS]]
    more = len(report.run.warnings) - len(shown)
    return "**Warnings**\n\n" + "\n".join(shown + ([f"- and {more:,} more"] if more else [])) if shown else ""


def servers_section(report: RunReport) -> str:
    """Each server with its version and its counts."""
    tests: dict[str, list[TestReport]] = {}
    for test in report.tests:
        tests.setdefault(test.target, []).append(test)
    rows = [_server_row(target, mine) for target, mine in list(tests.items())[:MAX_SERVERS]]
    return details(amount(len(tests), "server"), table(("server", "says it is", "tests", "failed"), rows, "llrr"))


def version_of(tests: Sequence[TestReport]) -> str:
    """What the server of these tests says that it is; empty when it never spoke."""
    for test in tests:
        record = deciding_record(test)
        if record and record.session and record.session.server_name:
            return f"{record.session.server_name} {record.session.server_version}".strip()
    return ""


def _server_row(target: str, tests: Sequence[TestReport]) -> tuple[str, ...]:
    totals = count_outcomes(tests)
    version = version_of(tests)
    return (code(target, 80), code(version, 80) if version else "", f"{totals.total:,}", f"{totals.bad:,}")


def _news(causes: Sequence[RunCause]) -> str:
    """`(2 new)`, where the run was compared with another."""
    new = sum(cause.state is CauseState.NEW for cause in causes)
    return f" ({new:,} new)" if any(cause.cause_id for cause in causes) else ""


def _example(test: TestReport, checks: int) -> Iterator[str]:
    place = one_line(f"{test.file}:{test.line}", MAX_ID) if test.file else ""
    yield "   ".join(
        part for part in (short_id(test.test_id), clock(test.duration_s), attempts_text(test), place) if part
    )
    yield from (f"  {line}" for line in list(why_lines(test, WIDTH))[: 3 * checks])
    yield from (f"  {line}" for line in stderr_lines(test))


def _answer(test: TestReport, limit: int) -> str:
    record = deciding_record(test)
    if record is None or record.answer is None:
        return ""
    return details("answer", fence(show(record.answer, limit), limit))


def _others(tests: Sequence[TestReport], names: int) -> str:
    lines = [short_id(test.test_id) for test in tests[:names]]
    lines += [f"and {len(tests) - names:,} more"] if len(tests) > names else []
    return details(f"{amount(len(tests), 'more test')}", fence("\n".join(lines), 100_000))


def _words(outcome: TestOutcome | None) -> str:
    return outcome_words(outcome) if outcome else "open"
