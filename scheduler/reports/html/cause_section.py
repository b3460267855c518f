"""The causes of a run: what is wrong, on which server, what was expected and what came. Pure; needs no script."""

from collections.abc import Iterator, Mapping

from harness.models.attempt import AttemptRecord
from harness.models.causes import CauseState, FixedCause, RunCause
from harness.models.outcomes import CauseKind
from harness.models.run import RunReport, TestReport
from harness.safe_text import one_line, safe_text
from scheduler.reports.attempts import deciding_record
from scheduler.reports.explain import attempts_text, stderr_title
from scheduler.reports.html.markup import Markup, h, joined, search_link
from scheduler.reports.html.order import Ordered
from scheduler.reports.wording import amount, clock

MAX_CAUSES, MAX_FIXED, MAX_SERVERS, MAX_CHECKS, MAX_SAME, MAX_STDERR = 50, 20, 3, 5, 5, 6
MAX_LINE, MAX_DIFF, MAX_NAME = 300, 2_000, 120
WANTED = {
    CauseKind.TIME_LIMIT: "an answer in time",
    CauseKind.SERVER_UNAVAILABLE: "a server that starts",
    CauseKind.SERVER_UNREACHABLE: "a server that starts",
    CauseKind.SERVER_DIED: "a server that goes on",
    CauseKind.UNEXPECTED_ERROR: "no error",
    CauseKind.PROTOCOL: "a message of the protocol",
    CauseKind.NO_SUCH_TOOL: "a tool that the server has",
}
"""What was expected where no check says so."""


def cause_section(report: RunReport, ordered: Ordered) -> Markup | None:
    """All causes, the first ones in full; None for a run that has none, now or before."""
    fixed = report.comparison.fixed if report.comparison else ()
    if not ordered.causes and not fixed:
        return None
    tests = {test.number: test for test in ordered.tests}
    shown = [_cause(place, ordered, tests) for place in range(min(MAX_CAUSES, len(ordered.causes)))]
    more = ordered.causes[MAX_CAUSES:]
    if more:
        count = sum(len(cause.tests) for cause in more)
        shown.append(h("p", f"and {amount(len(more), 'more cause')} of {amount(count, 'test')}"))
    shown += [_fixed(cause) for cause in fixed[:MAX_FIXED]]
    return h("section", h("h2", "Causes", id="causes-title"), *shown, id="causes", aria_labelledby="causes-title")


def _cause(place: int, ordered: Ordered, tests: Mapping[int, TestReport]) -> Markup:
    cause = ordered.causes[place]
    example = tests.get(cause.example)
    record = deciding_record(example) if example else None
    inside = joined(
        *_example(cause, example, record, ordered),
        _same(cause, ordered),
        h("p", f"cause {cause.cause_id}", class_="dim") if cause.cause_id else None,
        h(
            "p",
            h("a", f"all {amount(len(cause.tests), 'test')} in the list", href=search_link(ordered.filter_of(place))),
        ),
    )
    return h("details", _summary(cause, record), h("div", inside, class_="inside"), class_="cause")


def _summary(cause: RunCause, record: AttemptRecord | None) -> Markup:
    state = cause.state.value.upper() if cause.cause_id else ""
    return h(
        "summary",
        h("span", state, class_=f"state {state.lower()}") if state else None,
        " ",
        h("span", amount(len(cause.tests), "test"), class_="count"),
        " on ",
        h("strong", _servers(cause), class_="server"),
        h("span", _age(cause), class_="age"),
        " ",
        h("span", one_line(cause.title, MAX_LINE), class_="what"),
        " ",
        _says(cause, record),
    )


def _servers(cause: RunCause) -> str:
    named = ", ".join(one_line(target, MAX_NAME) for target in cause.targets[:MAX_SERVERS])
    more = len(cause.targets) - MAX_SERVERS
    return f"{named} and {more:,} more" if more > 0 else named


def _age(cause: RunCause) -> str:
    if cause.state is not CauseState.STILL:
        return ""
    when = f" ({cause.since_at:%Y-%m-%d})" if cause.since_at else ""
    return f" since run {one_line(cause.since_run, MAX_NAME)}{when}" if cause.since_run else f" {when}".rstrip()


def _says(cause: RunCause, record: AttemptRecord | None) -> Markup:
    """What was expected and what came, of the example's first check; else its first words."""
    if record is None or not record.failures:
        return h("span", *_without_checks(cause, record), class_="says")
    first = record.failures[0]
    path, others = one_line(first.path, MAX_LINE), len(record.failures) - 1
    is_told = path.removeprefix("$.") in cause.title
    return h(
        "span",
        *(("e.g. ", h("span", path, class_="path"), " ") if path and not is_told else ()),
        *_pair(first.expected, first.actual),
        f" and {amount(others, 'more check')}" if others else None,
        class_="says",
    )


def _without_checks(cause: RunCause, record: AttemptRecord | None) -> tuple[str, ...]:
    found = record.cause if record else None
    wanted = WANTED.get(found.kind, "") if found else ""
    return _pair(wanted, found.message if found and wanted and found.message else cause.example_text)


def _pair(expected: str, actual: str) -> tuple[str, ...]:
    """Both with their words; where nothing is said to be expected, what came alone."""
    if not expected:
        return (one_line(actual, MAX_LINE),)
    return (
        h("span", h("b", "expected"), " ", h("code", one_line(expected, MAX_LINE)), class_="expected"),
        " ",
        h("span", h("b", "got"), " ", h("code", one_line(actual, MAX_LINE)), class_="got"),
    )


def _example(
    cause: RunCause, example: TestReport | None, record: AttemptRecord | None, ordered: Ordered
) -> Iterator[Markup]:
    if example is None:
        yield h("p", one_line(cause.example_text, MAX_LINE))
        return
    yield h(
        "p",
        h("a", ordered.addresses[example.number], href=f"#t={ordered.links[example.number]}"),
        *(f"   {part}" for part in _about(example) if part),
    )
    yield from _checks(cause, example, record)
    if record and record.stderr_tail.strip():
        lines = [line for line in record.stderr_tail.splitlines() if line.strip()][-MAX_STDERR:]
        yield h("p", stderr_title(record), class_="label")
        yield h("pre", "\n".join(one_line(line, MAX_LINE) for line in lines))


def _about(test: TestReport) -> tuple[str, ...]:
    place = f"{one_line(test.file, MAX_NAME)}:{test.line}" if test.file else ""
    return (clock(test.duration_s), attempts_text(test), place)


def _checks(cause: RunCause, example: TestReport, record: AttemptRecord | None) -> Iterator[Markup]:
    failures = record.failures if record else ()
    for failure in failures[:MAX_CHECKS]:
        step = f"{one_line(failure.step, MAX_NAME)}: " if failure.step else ""
        yield h(
            "p",
            step,
            h("code", one_line(failure.title, MAX_LINE)),
            " ",
            *_pair(failure.expected, failure.actual),
            class_="check",
        )
        if failure.diff:
            yield h("pre", safe_text(failure.diff, MAX_DIFF), class_="diff")
    if len(failures) > MAX_CHECKS:
        yield h("p", f"and {amount(len(failures) - MAX_CHECKS, 'more check')}")
    if not failures:
        yield h("p", one_line(example.reason or cause.example_text, MAX_LINE), class_="check")


def _same(cause: RunCause, ordered: Ordered) -> Markup | None:
    others = [number for number in cause.tests if number != cause.example and number in ordered.addresses]
    if not others:
        return None
    links = [h("a", ordered.addresses[number], href=f"#t={ordered.links[number]}") for number in others[:MAX_SAME]]
    more = len(others) - MAX_SAME
    items = [*links, f"and {more:,} more"] if more > 0 else links
    return h("div", h("p", "the same:", class_="label"), h("ul", *(h("li", item) for item in items)), class_="same")


def _fixed(cause: FixedCause) -> Markup:
    servers = ", ".join(one_line(target, MAX_NAME) for target in cause.targets[:MAX_SERVERS])
    text = f" {amount(cause.tests, 'test')} on {servers}: {one_line(cause.title, MAX_LINE)}"
    return h("p", h("span", "FIXED", class_="state fixed"), text, class_="cause")
