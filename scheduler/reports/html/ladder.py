"""What is kept in full, and what gives way first when the file would get too large. Pure.

Rows of the list are always whole. The page says what was left out.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from harness.models.outcomes import EXECUTED, TestOutcome
from harness.models.run import TestReport
from scheduler.reports.html.detail import show_test
from scheduler.reports.html.options import Detail, HtmlOptions
from scheduler.reports.html.order import Ordered, is_slow
from scheduler.reports.html.packing import Packed, pack_details


@dataclass(frozen=True)
class Rung:
    """`each`: tests in full of each cause, of each kind of other tests. `body`: characters of a request or answer."""

    each: int | None
    body: int
    lost: str = ""


RUNGS = (
    Rung(None, 32 * 1024),
    Rung(20, 32 * 1024, "only the first 20 tests of each cause are here in full"),
    Rung(20, 4 * 1024, "only the first 20 tests of each cause are here in full, and bodies of up to 4 KiB"),
    Rung(3, 4 * 1024, "only the first 3 tests of each cause are here in full, and bodies of up to 4 KiB"),
)
ROWS_ONLY = "no test is here in full, only its row"
NOTHING = Packed((), {})


@dataclass(frozen=True)
class Kept:
    """The detail blocks, and what was left out of them to keep the file small, in words; empty: nothing."""

    packed: Packed
    lost: str = ""


def keep_details(ordered: Ordered, options: HtmlOptions, room_bytes: int) -> Kept:
    """As much as `room_bytes` hold."""
    chosen = tuple(_chosen(ordered, options.detail))
    if not chosen:
        return Kept(NOTHING)
    for rung in RUNGS:
        packed = pack_details(_details(chosen, ordered, options, rung), room_bytes)
        if packed is not None:
            return Kept(packed, rung.lost)
    return Kept(NOTHING, ROWS_ONLY)


def _chosen(ordered: Ordered, detail: Detail) -> Iterator[TestReport]:
    sampled: set[tuple[str, str]] = set()
    for test in ordered.tests:
        if not test.attempts or detail is Detail.ROWS:
            continue
        if detail is Detail.ALL or _is_of_interest(test):
            yield test
        elif (test.target, test.tool) not in sampled:
            sampled.add((test.target, test.tool))
            yield test


def _is_of_interest(test: TestReport) -> bool:
    plainly_passed = test.outcome is TestOutcome.PASSED and not test.warned and not is_slow(test)
    return not plainly_passed and (test.outcome in EXECUTED or bool(test.attempts))


def _details(
    chosen: tuple[TestReport, ...], ordered: Ordered, options: HtmlOptions, rung: Rung
) -> Iterator[tuple[int, bytes]]:
    seen: Counter[object] = Counter()
    for test in chosen:
        kind = ordered.cause_of.get(test.number, (test.outcome, test.target))
        seen[kind] += 1
        if rung.each is None or seen[kind] <= rung.each:
            shown = show_test(test, options, rung.body)
            yield test.number, shown.model_dump_json(exclude_defaults=True).encode()
