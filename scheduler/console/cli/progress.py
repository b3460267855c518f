"""Owns the progress stream (stderr): a live block on a terminal, plain lines elsewhere.

It must not decide anything, and it holds no text beyond the current block: what matters stands in the summary too.
"""

import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TextIO

from harness.models.job import SuitePlan
from harness.models.outcomes import TestOutcome
from harness.models.run import RunningTest, RunningTests, TestReport
from harness.safe_text import one_line
from scheduler.console.cli.block_rows import Standing, block_height, block_rows
from scheduler.console.cli.forecast import Forecast
from scheduler.console.cli.telling import EvidenceOf, Telling, Verbosity
from scheduler.console.cli.terminal import Look
from scheduler.reports.slow import SLOW_S, SlowTerms
from scheduler.reports.style import Style
from scheduler.reports.usual import Usual
from scheduler.reports.wording import clock, outcome_words, short_id

if TYPE_CHECKING:
    from scheduler.console.cli.live_block import LiveBlock

HEARTBEAT_S = 30.0
SHOW_CURSOR = b"\x1b[?25h"
REDRAW_S, LIVE_LOOK_S, PLAIN_LOOK_S = 0.2, 1.0, 5.0
TENTHS = 10
MAX_NOTICE, MAX_WORKER = 500, 40
LookAtRun = Callable[[], RunningTests]


class Progress:
    """Tells what happens in one run. Call `tick` several times a second, `close` at the end.

    `slow_s`: from how many seconds on a test is slow, whatever it usually takes.
    """

    def __init__(
        self,
        stream: TextIO,
        look: Look,
        verbosity: Verbosity,
        *,
        slow_s: float = SLOW_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream, self._look, self._verbosity, self._now = stream, look, verbosity, now
        self._slow = SlowTerms(slow_s)
        self._telling = Telling(look, verbosity, self._slow)
        self._forecast = Forecast((), Usual())
        self._began = self._spoke = self._drew = now()
        self._looked: float | None = None
        self._outcomes: dict[int, TestOutcome] = {}
        self._running = RunningTests()
        self._total = self._tenth = 0
        self._line = self._notice = ""
        self._block: LiveBlock | None = None

    def starting(self, text: str) -> None:
        """Show on a terminal what is waited for before the run begins."""
        if self._look.live and not self._verbosity.is_quiet:
            self._line = f"  {text}"[: max(0, self._look.width - 1)]
            self._stream.write(self._line)
            self._stream.flush()

    def begin(
        self,
        headline: str,
        plans: Sequence[SuitePlan],
        usual: Usual | None = None,
        evidence: EvidenceOf = lambda digest: None,
    ) -> None:
        """Say what runs. `usual`: what its tests took before. The clock starts here."""
        known = usual or Usual()
        self._slow = SlowTerms(self._slow.limit_s, known.p95_s)
        self._telling = Telling(self._look, self._verbosity, self._slow, evidence)
        self._forecast = Forecast(plans, known)
        self._total, self._began = sum(len(plan.tests) for plan in plans), self._now()
        if not self._verbosity.is_quiet:
            self._put(headline)

    @property
    def slow(self) -> SlowTerms:
        """What counts as slow in this run."""
        return self._slow

    def finished(self, test: TestReport) -> None:
        """Count a finished test, and say so where it is worth a line.

        A group that starts again finishes its tests once more: the last word counts.
        """
        if test.outcome is None:
            return
        self._outcomes[test.number] = test.outcome
        self._forecast.finished(test)
        self._write(*self._telling.lines(test))

    def say(self, text: str) -> None:
        """One line that is not about a test. Silent with -q."""
        if not self._verbosity.is_quiet:
            self._write(text)

    def notice(self, text: str) -> None:
        """Say why the run does not go on, once; empty: it goes on again."""
        if text != self._notice:
            self._notice = text
            self.say(f"  waiting: {one_line(text, MAX_NOTICE)}" if text else "  the run goes on")

    def tick(self, look_at_run: LookAtRun = RunningTests) -> None:
        """Redraw the block, or show in a log that the run is alive. `look_at_run` is asked about once a second."""
        if self._verbosity.is_quiet:
            return
        now = self._now()
        if now - (self._looked or self._began) >= (LIVE_LOOK_S if self._look.live else PLAIN_LOOK_S):
            self._looked, self._running = now, look_at_run()
            self._tell_slow()
        if self._look.live:
            if now - self._drew >= REDRAW_S:
                self._draw(now)
        elif now - self._spoke >= HEARTBEAT_S or self._is_new_tenth():
            self._write(f"  ....     {self._position()}")

    def snapshot(self, look_at_run: LookAtRun) -> None:
        """Every test that runs now, as lines that stay."""
        self._running = look_at_run()
        self._write(f"  ....     {self._position()}", *map(_running_line, self._running.tests))

    def leave(self) -> None:
        """The process ends at once, in a signal handler: show the cursor again."""
        if self._block is not None:
            with contextlib.suppress(OSError, ValueError):
                os.write(self._stream.fileno(), SHOW_CURSOR)

    def close(self) -> None:
        """Erase the live block; nothing is lost with it. A blank line sets the result apart."""
        self._erase()
        if not self._verbosity.is_quiet:
            self._stream.write("\n")
        self._stream.flush()

    def _tell_slow(self) -> None:
        for test in self._running.tests:
            if test.number not in self._outcomes:
                self._write(*self._telling.slow_lines(test))

    def _write(self, *lines: str) -> None:
        """Lines that belong together; the clock stands before the first."""
        at = "" if self._look.live else f"{clock_column(self._now() - self._began)} "
        for place, line in enumerate(lines):
            self._put(f"{' ' * len(at) if place else at}{line}")
            self._spoke = self._now()

    def _put(self, line: str) -> None:
        if self._block is not None:
            self._block.write_above(line)
        else:
            self._erase()
            self._stream.write(f"{line}\n")
        self._stream.flush()

    def _draw(self, now: float) -> None:
        from scheduler.console.cli.live_block import LiveBlock, size_of

        self._drew = now
        size = size_of(self._stream)
        if self._block is None:
            self._erase()
            self._block = LiveBlock(self._stream, size, colour=self._look.colour)
        columns, lines = size()
        style = Style(columns, self._look.colour, self._look.unicode)
        self._block.show(block_rows(self._standing(now), style, block_height(columns, lines)))

    def _standing(self, now: float) -> Standing:
        elapsed_s, running = now - self._began, self._still_running(now)
        running_s = sum(test.for_s or 0.0 for test in running.tests)
        return Standing(
            total=self._total,
            totals=Counter(self._outcomes.values()),
            elapsed_s=elapsed_s,
            left=self._forecast.text(elapsed_s, running_s),
            causes=self._telling.causes,
            running=running,
            slow=self._slow,
        )

    def _still_running(self, now: float) -> RunningTests:
        """What ran when it was last looked at and has not ended since, as much older as that is."""
        older_s = now - (self._looked or now)
        tests = tuple(
            test if test.for_s is None else test.model_copy(update={"for_s": test.for_s + older_s})
            for test in self._running.tests
            if test.number not in self._outcomes
        )
        ended = len(self._running.tests) - len(tests)
        return RunningTests(total=max(len(tests), self._running.total - ended), tests=tests)

    def _erase(self) -> None:
        if self._block is not None:
            self._block.close()
            self._block = None
        if self._line:
            self._stream.write("\r\x1b[2K")
            self._line = ""

    def _is_new_tenth(self) -> bool:
        tenth = TENTHS * len(self._outcomes) // self._total if self._total else 0
        is_new, self._tenth = tenth > self._tenth and tenth < TENTHS, max(tenth, self._tenth)
        return is_new and self._now() - self._spoke >= 1.0

    def _position(self) -> str:
        """`71 of 300 (23%)  30 passed  41 error  24 running  oldest 12.0s reports/export/full-dump`."""
        done, totals, running = len(self._outcomes), Counter(self._outcomes.values()), self._still_running(self._now())
        share = f" ({100 * done // self._total}%)" if self._total else ""
        parts = [f"{done:,} of {self._total:,}{share}"]
        parts += [f"{totals[outcome]:,} {outcome_words(outcome)}" for outcome in TestOutcome if totals[outcome]]
        parts += [f"{running.total:,} running"] if running.total else []
        oldest = running.tests[0] if running.tests else None
        parts += [f"oldest {clock(oldest.for_s or 0.0)} {short_id(oldest.test_id)}"] if oldest else []
        return "  ".join(parts)


def _running_line(test: RunningTest) -> str:
    worker = f"   worker {one_line(test.worker, MAX_WORKER)}" if test.worker else ""
    return f"  {clock(test.for_s or 0.0):>16}  {short_id(test.test_id)}{worker}"


def clock_column(elapsed_s: float) -> str:
    """` 1m04s`: the clock at the left of plain lines."""
    minutes, seconds = divmod(int(elapsed_s), 60)
    return f"{minutes:2}m{seconds:02}s"
