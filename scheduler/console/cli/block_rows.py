"""What the live block says: a bar, counts, and the tests that run longest. Pure; colours are its only codes.

As many rows as the terminal has room for, and always as many as before: nothing below or above it jumps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.models.outcomes import BAD, TestOutcome
from harness.models.run import RunningTest, RunningTests
from harness.safe_text import one_line
from scheduler.reports.slow import SlowTerms
from scheduler.reports.style import Style
from scheduler.reports.summary_words import middle_cut
from scheduler.reports.wording import clock, outcome_words, short_id

MOST_ROWS, LEAST_LINES, LEAST_COLUMNS = 11, 12, 60
WIDE = 100  # columns from which on words are written out
SHOWN_FROM_S = 1.0
WIDE_BAR, NARROW_BAR = 42, 26
MAX_WORKER = 20


@dataclass(frozen=True)
class Standing:
    """How a run stands. `left`: when it may end, in words."""

    total: int
    totals: Mapping[TestOutcome, int]
    elapsed_s: float
    left: str = ""
    causes: int = 0
    running: RunningTests = field(default_factory=RunningTests)
    slow: SlowTerms = field(default_factory=SlowTerms)

    @property
    def done(self) -> int:
        """Tests that have an outcome."""
        return sum(self.totals.values())


def block_height(columns: int, lines: int) -> int:
    """How many rows the block has on a terminal of that size: at most a third of it."""
    return 1 if lines < LEAST_LINES or columns < LEAST_COLUMNS else min(MOST_ROWS, lines // 3)


def block_rows(standing: Standing, style: Style, height: int) -> list[str]:
    """`height` rows, none of which reaches the last column."""
    rows = [_bar(standing, style), *([_counts(standing, style)] if height > 1 else [])]
    rows += _running(standing, style, height - len(rows)) if height > len(rows) else []
    return rows + [""] * (height - len(rows))


def _bar(standing: Standing, style: Style) -> str:
    done, total, wide = standing.done, standing.total, style.width >= WIDE
    width = WIDE_BAR if wide else min(NARROW_BAR, max(0, style.width - 34))
    filled = width * done // total if total else 0
    bar = f"[{'#' * filled}{'.' * (width - filled)}]" if width else ""
    share = f"{100 * done // total}%" if total else ""
    elapsed = clock(standing.elapsed_s) if standing.elapsed_s >= 60 else f"{int(standing.elapsed_s)}s"
    if wide:
        parts = [f"  {bar}  {done:,} of {total:,}", share, elapsed, standing.left]
        return _within("   ".join(part for part in parts if part), style)
    parts = [f"  {bar} {done:,}/{total:,}", share, elapsed, standing.left]
    return _within("  ".join(part for part in parts if part), style)


def _counts(standing: Standing, style: Style) -> str:
    waiting = max(0, standing.total - standing.done - standing.running.total)
    rest = [f"{standing.running.total:,} running", f"{waiting:,} waiting"]
    rest += [f"{standing.causes:,} {'cause' if standing.causes == 1 else 'causes'}"] if standing.causes else []
    wide = _joined(_wide_counts(standing, style), rest, "   ", style)
    return wide if style.width >= WIDE and wide else _joined(_narrow_counts(standing, style), rest, "  ", style)


Counted = list[tuple[str, TestOutcome]]


def _wide_counts(standing: Standing, style: Style) -> Counted:
    return [
        (f"{style.symbol(outcome)} {standing.totals[outcome]:,} {outcome_words(outcome)}", outcome)
        for outcome in TestOutcome
        if standing.totals.get(outcome)
    ]


def _narrow_counts(standing: Standing, style: Style) -> Counted:
    """What is good, flaky, bad, and the rest, without words."""
    groups = {
        TestOutcome.PASSED: (TestOutcome.PASSED,),
        TestOutcome.FLAKY: (TestOutcome.FLAKY,),
        TestOutcome.FAILED: tuple(BAD),
        TestOutcome.SKIPPED: (TestOutcome.SKIPPED, TestOutcome.CANCELLED, TestOutcome.NOT_RUN),
    }
    sums = {sign: sum(standing.totals.get(outcome, 0) for outcome in outcomes) for sign, outcomes in groups.items()}
    return [(f"{style.symbol(sign)} {count:,}", sign) for sign, count in sums.items() if count]


def _joined(counted: Counted, rest: list[str], between: str, style: Style) -> str:
    plain = "  " + between.join([*(text for text, _ in counted), *rest])
    if len(plain) >= style.width:
        return plain[: max(0, style.width - 1)]
    return "  " + between.join([*(style.painted(text, outcome) for text, outcome in counted), *rest])


def _running(standing: Standing, style: Style, room: int) -> list[str]:
    """The tests that run longest, and how many others there are."""
    shown = [test for test in standing.running.tests if (test.for_s or 0.0) >= SHOWN_FROM_S]
    if room < 1:
        return []
    shown = shown[: room if len(shown) == standing.running.total and len(shown) <= room else max(0, room - 1)]
    rows = [_row(test, standing, style) for test in shown]
    left = standing.running.total - len(shown)
    hidden = any((test.for_s or 0.0) >= SHOWN_FROM_S for test in standing.running.tests[len(shown) :])
    if left:
        rows.append(_within(f"      and {left:,} more{'' if hidden else ' under 1s'}" if rows else "", style))
    return rows


def _row(test: RunningTest, standing: Standing, style: Style) -> str:
    is_slow = (test.for_s or 0.0) >= standing.slow.mark_s(test.test_id)
    worker = f"   worker {one_line(test.worker, MAX_WORKER)}" if style.width >= WIDE and test.worker else ""
    slow = "   slow" if is_slow else ""
    room = style.width - 1 - len(f"  {'':>8}  ") - len(worker) - len(slow)
    name = middle_cut(short_id(test.test_id), max(10, room))
    line = _within(f"  {clock(test.for_s or 0.0):>8}  {name}{worker}{slow}", style)
    return line[: -len("slow")] + style.paint("slow", "event") if is_slow and line.endswith("slow") else line


def _within(line: str, style: Style) -> str:
    return line[: max(0, style.width - 1)]
