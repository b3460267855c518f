"""What stands below the causes and needs no script: flaky, slow and left-out tests, servers, the run itself. Pure."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from harness.models.outcomes import LEFT_OUT, STOPPED, TestOutcome
from harness.models.run import RunReport, TestReport
from harness.safe_text import one_line
from harness.version import VERSION
from scheduler.reports.attempts import deciding_record
from scheduler.reports.explain import flaky_text, warned_text
from scheduler.reports.html.codes import short_time, words_of
from scheduler.reports.html.first_screen import ALWAYS, totals_line
from scheduler.reports.html.markup import Markup, h, search_link
from scheduler.reports.html.order import Ordered, is_slow, quoted
from scheduler.reports.totals import Totals, count_outcomes
from scheduler.reports.wording import amount, clock

MAX_LISTED, MAX_SERVERS, MAX_REASONS = 50, 300, 50
MAX_LINE, MAX_NAME = 300, 120
MIB = 1024 * 1024


def sections(report: RunReport, ordered: Ordered) -> tuple[Markup, ...]:
    """Each a `section` with a heading; a tab of the page once its script runs."""
    flaky = [test for test in ordered.tests if test.outcome is TestOutcome.FLAKY]
    warned = [test for test in ordered.tests if test.warned]
    slow = sorted((test for test in ordered.tests if is_slow(test)), key=lambda test: -test.duration_s)
    found = (
        _servers(ordered),
        _listed("flaky", "Flaky", flaky, ordered, flaky_text, "is:flaky"),
        _listed("warned", "Warned", warned, ordered, warned_text, "is:warned"),
        _listed("slow", "Slow", slow, ordered, lambda test: clock(test.duration_s), "is:slow"),
        _left_out(ordered.tests),
        _about(report),
    )
    return tuple(section for section in found if section is not None)


def _section(name: str, title: str, *children: str) -> Markup:
    return h("section", h("h2", title, id=f"{name}-title"), *children, id=name, aria_labelledby=f"{name}-title")


def _listed(
    name: str,
    title: str,
    tests: Sequence[TestReport],
    ordered: Ordered,
    why: Callable[[TestReport], str],
    search: str,
) -> Markup | None:
    if not tests:
        return None
    lines = [
        h("li", h("a", ordered.addresses[test.number], href=f"#t={ordered.links[test.number]}"), " ", _line(why(test)))
        for test in tests[:MAX_LISTED]
    ]
    if len(tests) > MAX_LISTED:
        more = f"and {len(tests) - MAX_LISTED:,} more"
        lines.append(h("li", h("a", more, href=search_link(search))))
    return _section(name, f"{title} ({len(tests):,})", h("ul", *lines, class_="lines"))


def _line(text: str) -> Markup:
    return h("span", one_line(text, MAX_LINE), class_="why")


def _left_out(tests: Iterable[TestReport]) -> Markup | None:
    """Tests that did not run are counted by reason, never listed."""
    reasons = Counter((test.outcome, test.reason) for test in tests if test.outcome in LEFT_OUT | STOPPED)
    if not reasons:
        return None
    lines = [
        h("li", f"{amount(count, 'test')} {words_of(outcome)} ", _line(reason))
        for (outcome, reason), count in reasons.most_common(MAX_REASONS)
    ]
    if len(reasons) > MAX_REASONS:
        lines.append(h("li", f"and {len(reasons) - MAX_REASONS:,} more reasons"))
    return _section("left-out", f"Not run ({sum(reasons.values()):,})", h("ul", *lines, class_="lines"))


def _servers(ordered: Ordered) -> Markup:
    tests: dict[str, list[TestReport]] = {}
    for test in ordered.tests:
        tests.setdefault(test.target, []).append(test)
    rows = sorted(tests.items(), key=lambda row: (-count_outcomes(row[1]).bad, row[0]))
    shown = [_server(target, mine) for target, mine in rows[:MAX_SERVERS]]
    if len(rows) > MAX_SERVERS:
        shown.append(h("li", f"and {len(rows) - MAX_SERVERS:,} more"))
    return _section("servers", f"Servers ({len(rows):,})", h("ul", *shown, class_="servers"))


def _server(target: str, tests: Sequence[TestReport]) -> Markup:
    totals = count_outcomes(tests)
    name = one_line(target, MAX_NAME)
    facts = [_version(tests), f"{amount(totals.total, 'test')}: {totals_line(totals)}", *_measured(tests)]
    return h(
        "li",
        h("a", name, href=search_link(f"t:{quoted(name)}"), class_="server"),
        _bar(totals),
        *(h("span", fact) for fact in facts),
    )


def _version(tests: Sequence[TestReport]) -> str:
    for test in tests:
        record = deciding_record(test)
        if record and record.session and record.session.server_name:
            return one_line(f"{record.session.server_name} {record.session.server_version}".strip(), MAX_NAME)
    return ""


def _measured(tests: Sequence[TestReport]) -> Iterator[str]:
    records = [record for test in tests if (record := deciding_record(test))]
    calls = sorted(record.timing.call_s for record in records if record.timing.call_s is not None)
    if calls:
        yield f"p95 of calls {short_time(calls[math.ceil(0.95 * len(calls)) - 1])}"
    peaks = [record.usage.memory_peak_bytes for record in records if record.usage and record.usage.memory_peak_bytes]
    if peaks:
        yield f"peak memory {max(peaks) / MIB:,.0f} MiB"


def _bar(totals: Totals) -> Markup:
    """Shares as lengths of 100; their numbers stand beside it as text."""
    shares = [(f"o-{outcome}", totals.of(outcome)) for outcome in ALWAYS]
    shares.append(("o-other", totals.total - sum(count for _, count in shares)))
    parts: list[Markup] = []
    begins = 0.0
    for name, count in shares:
        width = 100 * count / totals.total
        if count:
            parts.append(h("rect", x=f"{begins:.2f}", width=f"{width:.2f}", height="8", class_=name))
        begins += width
    return h("svg", *parts, class_="bar", viewBox="0 0 100 8", preserveAspectRatio="none", aria_hidden="true")


def _about(report: RunReport) -> Markup:
    run = report.run
    facts = {
        "run": run.run_id,
        "name": run.name,
        "project": run.project,
        "submitted": run.created_at.isoformat(timespec="seconds"),
        "ended": run.finished_at.isoformat(timespec="seconds") if run.finished_at else "",
        "state": str(run.state),
        "lane": str(run.lane),
        "deadline": run.deadline_at.isoformat(timespec="seconds") if run.deadline_at else "",
        "retries used": f"{run.retries:,}",
        "records too late": f"{run.stale_records:,}" if run.stale_records else "",
        "protocol": ", ".join(_protocols(report.tests)),
        "suites": ", ".join(dict.fromkeys(test.file for test in report.tests if test.file)),
        "written by": f"mcp-test-harness {VERSION}",
    }
    rows = [(h("dt", name), h("dd", one_line(value, 2_000))) for name, value in facts.items() if value]
    return _section("about", "About this run", h("dl", *(part for row in rows for part in row), class_="facts-list"))


def _protocols(tests: Iterable[TestReport]) -> list[str]:
    records = [record for test in tests if (record := deciding_record(test))]
    found = {record.session.protocol_version for record in records if record.session}
    return sorted(one_line(version, MAX_NAME) for version in found if version)
