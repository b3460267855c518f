"""The head of the page, readable without its script: the verdict, what changed, the counts. Pure."""

from collections.abc import Iterator

from harness.models.causes import CauseState, Comparison
from harness.models.outcomes import TestOutcome
from harness.models.run import RunReport
from harness.safe_text import one_line
from scheduler.reports.html.codes import sign_of, words_of
from scheduler.reports.html.markup import Markup, h, joined, search_link
from scheduler.reports.html.order import Ordered
from scheduler.reports.totals import Totals, count_outcomes
from scheduler.reports.verdict import Verdict, no_server_ran, verdict
from scheduler.reports.wording import amount, clock

ALWAYS = (TestOutcome.FAILED, TestOutcome.ERROR, TestOutcome.TIMEOUT, TestOutcome.FLAKY, TestOutcome.PASSED)
LATER = (TestOutcome.SKIPPED, TestOutcome.CANCELLED, TestOutcome.NOT_RUN)
MAX_NAME, MAX_VERSIONS, MAX_WARNINGS, MAX_WARNING = 120, 5, 20, 500


def page_title(report: RunReport) -> str:
    """`FAILED 7/300 nightly 8f2c1a`."""
    totals, word = count_outcomes(report.tests), verdict(report)
    count = totals.bad if word is Verdict.FAILED else totals.total - totals.bad - totals.unfinished
    return f"{word} {count:,}/{totals.total:,} {_name(report)} {one_line(report.run.run_id, MAX_NAME)}"


def page_head(report: RunReport, ordered: Ordered) -> Markup:
    """Verdict, run, what changed since the run before. The page's script adds the search."""
    return h(
        "header",
        h("h1", h("span", verdict(report), class_=f"verdict v-{verdict(report).lower()}"), " ", _said(report, ordered)),
        h("p", *_facts(report), class_="facts"),
        _since(report.comparison, ordered),
        class_="top",
    )


def notices(report: RunReport, lost: str) -> Markup:
    """What a reader must know before anything else: results that are missing, details that are, warnings."""
    totals = count_outcomes(report.tests)
    said: list[Markup] = []
    if totals.unfinished:
        said.append(h("p", f"Incomplete: {amount(totals.unfinished, 'test')} without a result.", class_="notice"))
    if lost:
        how = f"mcp-test-harness report {one_line(report.run.run_id, MAX_NAME)} --format html --report-max-size MIB"
        text = f"To keep this file small, {lost}. All of it: "
        said.append(h("p", text, h("code", how), class_="notice"))
    warnings = report.run.warnings
    said += [h("p", "warning: ", one_line(text, MAX_WARNING), class_="notice") for text in warnings[:MAX_WARNINGS]]
    if len(warnings) > MAX_WARNINGS:
        said.append(h("p", f"and {amount(len(warnings) - MAX_WARNINGS, 'more warning')}", class_="notice"))
    return joined(*said)


def counts(report: RunReport) -> Markup:
    """Every outcome with its number, which add up to all tests; each is a link that filters."""
    totals = count_outcomes(report.tests)
    shown = [*ALWAYS, *(outcome for outcome in LATER if totals.of(outcome))]
    chips = [_chip(outcome, totals.of(outcome)) for outcome in shown]
    chips += [_chip(None, totals.open)] if totals.open else []
    return h("nav", h("ul", *chips), aria_label="Tests by outcome", class_="counts")


def _said(report: RunReport, ordered: Ordered) -> str:
    totals, word = count_outcomes(report.tests), verdict(report)
    if totals.bad:
        down = ": no server could be started" if no_server_ran(report) else ""
        return f"{totals.bad:,} of {amount(totals.total, 'test')}, {_causes(ordered)}{down}"
    if word is Verdict.PASSED:
        good = totals.of(TestOutcome.PASSED) + totals.of(TestOutcome.FLAKY)
        flaky = f", {totals.of(TestOutcome.FLAKY):,} flaky" if totals.of(TestOutcome.FLAKY) else ""
        return f"{good:,} of {amount(totals.total, 'test')}{flaky}"
    return f"{totals.total - totals.unfinished:,} of {amount(totals.total, 'test')} have a result"


def _causes(ordered: Ordered) -> str:
    new = sum(cause.state is CauseState.NEW for cause in ordered.causes)
    known = any(cause.cause_id for cause in ordered.causes)
    return amount(len(ordered.causes), "cause") + (f" ({new:,} new)" if known else "")


def _name(report: RunReport) -> str:
    return one_line(report.run.name or report.run.project, MAX_NAME)


def _facts(report: RunReport) -> Iterator[Markup]:
    run = report.run
    workers = {attempt.record.worker for test in report.tests for attempt in test.attempts}
    servers = {(test.suite, test.target) for test in report.tests}
    yield h("span", _name(report), class_="name")
    yield h("span", f"run {one_line(run.run_id, MAX_NAME)}")
    at = f"{run.created_at:%Y-%m-%d %H:%M} UTC"
    yield h("time", at, datetime=run.created_at.isoformat(timespec="seconds"))
    if run.finished_at:
        yield h("span", clock((run.finished_at - run.created_at).total_seconds()))
    yield h("span", amount(len(servers), "server"))
    yield h("span", amount(len(workers), "worker"))


def _since(before: Comparison | None, ordered: Ordered) -> Markup | None:
    if before is None:
        return None
    new = sum(cause.state is CauseState.NEW for cause in ordered.causes)
    said = [amount(new, "new cause"), f"{len(before.fixed):,} fixed"]
    said += [_version(change.target, change.before, change.after) for change in before.versions[:MAX_VERSIONS]]
    more = len(before.versions) - MAX_VERSIONS
    said += [f"and {amount(more, 'more version')} changed"] if more > 0 else []
    said += [f"{amount(before.added, 'test')} added"] if before.added else []
    said += [f"{amount(before.removed, 'test')} removed"] if before.removed else []
    head = f"since run {one_line(before.run_id, MAX_NAME)}: "
    return h("p", head, " · ".join(said), class_="since")


def _version(target: str, before: str, after: str) -> str:
    return f"{one_line(target, MAX_NAME)} {one_line(before, MAX_NAME)} → {one_line(after, MAX_NAME)}"


def _chip(outcome: TestOutcome | None, count: int) -> Markup:
    words = words_of(outcome)
    said = (h("span", sign_of(outcome), aria_hidden="true"), " ", h("strong", f"{count:,}"), f" {words}")
    name = words.replace(" ", "_")
    if not count:  # nothing is to be found behind it
        return h("li", h("span", *said, class_=f"chip o-{name}"))
    return h("li", h("a", *said, href=search_link(f"s:{name}"), class_=f"chip o-{name}"))


def totals_line(totals: Totals) -> str:
    """`4 failed, 1 flaky, 20 passed`: what is there, in the order of the counters."""
    shown = [(words_of(outcome), totals.of(outcome)) for outcome in (*ALWAYS, *LATER)]
    shown.append(("open", totals.open))
    return ", ".join(f"{count:,} {words}" for words, count in shown if count)
