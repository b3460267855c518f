"""The causes in a summary: the reason once, one example in full, the others by name. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.models.causes import CauseState, RunCause
from harness.models.run import RunReport, TestReport
from harness.safe_text import one_line
from scheduler.reports.attempts import counting_records
from scheduler.reports.cause_signature import Symptom, symptom_of
from scheduler.reports.causes import by_number, tests_of
from scheduler.reports.explain import attempts_text, stderr_lines, why_lines
from scheduler.reports.style import Style
from scheduler.reports.summary_words import wrapped
from scheduler.reports.wording import amount, clock, short_id

MAX_CAUSES, MAX_SAME, MAX_TARGETS, MANY = 10, 5, 3, 50
WIDEST = 104  # columns that the id of a cause stands at the end of, at most
MAX_TEXT, MAX_PLACE, MAX_NAME = 500, 200, 100
REASON, EXAMPLE, DETAIL = " " * 4, " " * 4, " " * 8


@dataclass(frozen=True)
class CauseBlock:
    """One cause: its line, with what is wrong on a second one, and all the rest. `reason`: that of the example."""

    head: tuple[str, ...]
    detail: tuple[str, ...]
    cause_id: str = ""
    reason: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it."""
        return (*self.head, *self.detail)


def cause_blocks(report: RunReport, causes: Sequence[RunCause], style: Style) -> Iterator[CauseBlock]:
    """The first causes; of very many, their families instead."""
    tests = by_number(report)
    if len(causes) > MANY:
        yield from _families(causes, style)
        return
    for place, cause in enumerate(causes[:MAX_CAUSES], 1):
        yield _block(place, cause, tests_of(cause, tests), report, style)
    hidden = causes[MAX_CAUSES:]
    if hidden:
        count = sum(len(cause.tests) for cause in hidden)
        more = f"and {amount(len(hidden), 'more cause')} of {amount(count, 'test')}: the report has them all"
        yield CauseBlock((f" {more}",), ())


def cause_text(cause: RunCause) -> str:
    """`4 tests on orders`, of a server that is down with what is wrong."""
    named = ", ".join(one_line(target, MAX_NAME) for target in cause.targets[:MAX_TARGETS])
    servers = named if len(cause.targets) <= MAX_TARGETS else f"{len(cause.targets):,} servers"
    down = f": {cause.title}" if cause.is_server_down else ""
    return f"{amount(len(cause.tests), 'test')} on {servers}{down}"


def age_text(cause: RunCause, report: RunReport) -> str:
    """`, 6 days, since run 8e01d4`, of a cause that is not new."""
    if cause.state is CauseState.NEW or cause.since_at is None:
        return ""
    days = (report.run.created_at - cause.since_at).days
    old = f", {amount(days, 'day')}" if days else ""
    return f"{old}, since run {cause.since_run}"


def _block(place: int, cause: RunCause, tests: Sequence[TestReport], report: RunReport, style: Style) -> CauseBlock:
    left = f"{place:2}  {_state(cause, style)} {cause_text(cause)}{age_text(cause, report)}"
    reason = () if cause.is_server_down else (REASON + cause.title,)
    if not tests:
        return CauseBlock(
            (_with_id(left, cause, style), *reason), (), cause.cause_id, one_line(cause.example_text, MAX_TEXT)
        )
    detail = (*_example(cause, tests, style), *_others(tests))
    said = one_line(cause.example_text, MAX_TEXT)
    return CauseBlock((_with_id(left, cause, style), *reason), detail, cause.cause_id, said)


def _state(cause: RunCause, style: Style) -> str:
    return style.paint(f"{cause.state.value.upper():8}", "bold" if cause.state is CauseState.NEW else "dim")


def _with_id(left: str, cause: RunCause, style: Style) -> str:
    gap = max(2, min(style.width, WIDEST) - 1 - len(_plain(left)) - len(cause.cause_id))
    return f"{left}{' ' * gap}{style.paint(cause.cause_id, 'dim')}" if cause.cause_id else left


def _plain(text: str) -> str:
    """Without colours of ours; nobody else's can be in it."""
    return "".join(part.split("m", 1)[-1] if place else part for place, part in enumerate(text.split("\x1b[")))


def _example(cause: RunCause, tests: Sequence[TestReport], style: Style) -> Iterator[str]:
    test = tests[0]
    if cause.is_server_down:
        yield from _of_a_start(tests, style)
    else:
        sign = style.painted(style.symbol(test.outcome), test.outcome)
        first = f"{EXAMPLE}{sign} {short_id(test.test_id)}   {clock(test.duration_s)}"
        about = [part for part in (attempts_text(test), _place(test)) if part]
        whole = "   ".join((first, *about))
        fits = len(_plain(whole)) < style.width
        yield whole if fits else first
        yield from () if fits else (f"{DETAIL}{part}" for part in about)
        yield from (f"{DETAIL}{line}" for line in why_lines(test, style.width - len(DETAIL), style))
    yield from (f"{DETAIL}{line}" for line in stderr_lines(test))


def _of_a_start(tests: Sequence[TestReport], style: Style) -> Iterator[str]:
    """Why the server did not start, how often that was tried and where, and who was not tried any more."""
    reason = symptom_of(tests[0]).reason.removeprefix("server unavailable: ")
    yield from (REASON + line for line in wrapped(one_line(reason, MAX_TEXT), style.width - len(REASON)))
    records = [record for test in tests for record in counting_records(test)]
    workers = sorted({one_line(record.worker, MAX_NAME) for record in records if record.worker})
    if records:
        more = f" and {len(workers) - MAX_SAME} more" if len(workers) > MAX_SAME else ""
        yield f"{REASON}tried {_times(len(records))} on {', '.join(workers[:MAX_SAME])}{more}"
    untried = [seen for seen in map(symptom_of, tests) if seen.is_untried]
    if untried:
        yield REASON + _not_tried(untried, len(tests))


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count:,} times"


def _not_tried(untried: Sequence[Symptom], total: int) -> str:
    return f"{len(untried):,} of these {total:,} were not tried, as the server was given up"


def _place(test: TestReport) -> str:
    return one_line(f"at {test.file}:{test.line}", MAX_PLACE) if test.file else ""


def _others(tests: Sequence[TestReport]) -> Iterator[str]:
    """The names of the others, without what they have in common with the one before."""
    if len(tests) < 2:
        return
    shown = [short_id(test.test_id) for test in tests[1 : 1 + MAX_SAME]]
    names = shown[:1] + [_shortened(name, before) for before, name in pairwise(shown)]
    more = f" and {len(tests) - 1 - MAX_SAME:,} more" if len(tests) - 1 > MAX_SAME else ""
    yield f"      same: {', '.join(names)}{more}"


def _shortened(name: str, before: str) -> str:
    folder = before.rpartition("/")[0]
    return name.removeprefix(f"{folder}/") if folder else name


def _families(causes: Sequence[RunCause], style: Style) -> Iterator[CauseBlock]:
    """More causes than anybody reads, by kind and item."""
    families: Mapping[str, list[RunCause]] = defaultdict(list)
    for cause in causes:
        families[cause.family].append(cause)
    ordered = sorted(families.items(), key=lambda entry: -_tests(entry[1]))
    yield CauseBlock((f" {amount(len(causes), 'cause')} in {len(families):,} families",), ())
    for place, (family, members) in enumerate(ordered[:MAX_CAUSES], 1):
        new = sum(cause.state is CauseState.NEW for cause in members)
        state = style.paint(f"{f'{new:,} new':8}", "bold" if new else "dim")
        servers = {target for cause in members for target in cause.targets}
        said = f"{amount(len(members), 'cause')}, {amount(_tests(members), 'test')} on {amount(len(servers), 'server')}"
        first = f"{REASON}for one: {one_line(members[0].example_text or members[0].title, MAX_TEXT)}"
        yield CauseBlock((f"{place:2}  {state} {said}: {one_line(family, MAX_TEXT)}", first), ())
    if len(ordered) > MAX_CAUSES:
        yield CauseBlock((f" and {len(ordered) - MAX_CAUSES:,} more families",), ())


def _tests(causes: Sequence[RunCause]) -> int:
    return sum(len(cause.tests) for cause in causes)
