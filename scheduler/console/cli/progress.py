"""Owns the progress stream (stderr): one live status line on a terminal, plain lines elsewhere.

It must not decide anything, and it holds no text beyond the current line: what matters stands in the summary too.
"""

import time
from collections import Counter
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import TextIO

from harness.models.outcomes import BAD, CauseKind, TestOutcome
from harness.models.run import TestReport
from harness.safe_text import one_line
from scheduler.console.cli.result_lines import brief, counts, detail
from scheduler.console.cli.terminal import Look
from scheduler.reports.wording import clock

HEARTBEAT_S = 30.0
REDRAW_S = 0.2
MAX_DETAILS, MAX_BRIEFS = 20, 200
MAX_NOTICE = 500
BAR_WIDTH = 24


class Verbosity(IntEnum):
    """How much is said while a run goes on."""

    QUIET = -1
    NORMAL = 0
    VERBOSE = 1


class Progress:
    """Tells what happens in one run. Call `tick` several times a second, `close` at the end.

    `root` is the folder here that the files of the run's tests are relative to.
    """

    def __init__(
        self,
        stream: TextIO,
        look: Look,
        verbosity: Verbosity,
        root: Path | None = None,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream, self._look, self._verbosity, self._now = stream, look, verbosity, now
        self._root = root
        self._began = self._spoke = self._drew = now()
        self._outcomes: dict[int, TestOutcome] = {}
        self._given_up: set[tuple[str, str]] = set()
        self._total = self._shown_bad = 0
        self._line = self._notice = ""

    def starting(self, text: str) -> None:
        """Show on a terminal what is waited for before the run begins."""
        if self._look.live and self._verbosity > Verbosity.QUIET:
            self._show(f"  {text}"[: max(0, self._look.width - 1)])

    def begin(self, headline: str, total: int) -> None:
        """Say what runs; `total` is the number of tests. The clock starts here."""
        self._total, self._began = total, self._now()
        self.say(headline)

    def finished(self, test: TestReport) -> None:
        """Count a finished test, and say so where its outcome is worth a line.

        A group that starts again finishes its tests once more: the last word counts.
        """
        if test.outcome is None:
            return
        self._outcomes[test.number] = test.outcome
        for line in self._lines_for(test, test.outcome):
            self._write(line)

    def say(self, text: str) -> None:
        """One line that is not about a test. Silent with -q."""
        if self._verbosity > Verbosity.QUIET:
            self._write(text)

    def notice(self, text: str) -> None:
        """Say why the run does not go on, once; empty: it goes on again."""
        if text != self._notice:
            self._notice = text
            self.say(f"  waiting: {one_line(text, MAX_NOTICE)}" if text else "  the run goes on")

    def tick(self) -> None:
        """Redraw the live line, or show in a log that the run is alive."""
        now = self._now()
        if self._verbosity == Verbosity.QUIET:
            return
        if self._look.live:
            if now - self._drew >= REDRAW_S:
                self._draw(now)
        elif now - self._spoke >= HEARTBEAT_S:
            self._write(f"  ....     {self._position()}")

    def close(self) -> None:
        """Erase the live line; nothing is lost with it. A blank line sets the result apart."""
        self._erase()
        if self._verbosity > Verbosity.QUIET:
            self._stream.write("\n")
        self._stream.flush()

    def _lines_for(self, test: TestReport, outcome: TestOutcome) -> list[str]:
        if self._verbosity == Verbosity.QUIET:
            return []
        if outcome in BAD:
            return self._bad_lines(test)
        loud = outcome is TestOutcome.FLAKY or self._verbosity >= Verbosity.VERBOSE
        return brief(test, self._look) if loud else []

    def _bad_lines(self, test: TestReport) -> list[str]:
        """In full at first, then one line each, then counted only: a thousand failures must not hide the first."""
        if test.cause is CauseKind.SERVER_UNREACHABLE:
            return self._unreachable_lines(test)
        self._shown_bad += 1
        if self._shown_bad <= MAX_DETAILS:
            return detail(test, self._look, self._root)
        if self._shown_bad <= MAX_BRIEFS:
            return brief(test, self._look)
        return ["  more tests did not pass: only counted from here"] if self._shown_bad == MAX_BRIEFS + 1 else []

    def _unreachable_lines(self, test: TestReport) -> list[str]:
        """All tests of a server that was given up end in one moment, for one reason."""
        server = (test.suite, test.target)
        if server in self._given_up:
            return []
        self._given_up.add(server)
        said = "  this server is given up: more tests of it are only counted"
        return [*detail(test, self._look, self._root), said]

    def _write(self, line: str) -> None:
        self._erase()
        at = "" if self._look.live else f"{clock_column(self._now() - self._began)} "
        self._stream.write(f"{at}{line}\n")
        self._stream.flush()
        self._spoke = self._now()

    def _draw(self, now: float) -> None:
        self._show(status_line(Counter(self._outcomes.values()), self._total, now - self._began, self._look))
        self._drew = now

    def _show(self, line: str) -> None:
        if line != self._line:
            self._erase()
            self._stream.write(line)
            self._stream.flush()
        self._line = line

    def _erase(self) -> None:
        if self._line:
            self._stream.write("\r\x1b[2K")
            self._line = ""

    def _position(self) -> str:
        done = len(self._outcomes)
        share = f" ({100 * done // self._total}%)" if self._total else ""
        return f"{done} of {self._total}{share}  {counts(Counter(self._outcomes.values()), self._look)}".rstrip()


def clock_column(elapsed_s: float) -> str:
    """` 1m04s`: the clock at the left of plain lines."""
    minutes, seconds = divmod(int(elapsed_s), 60)
    return f"{minutes:2}m{seconds:02}s"


def status_line(totals: Counter[TestOutcome], total: int, elapsed_s: float, look: Look) -> str:
    """The live line: bar, position, time, counts; never wider than the terminal, so that it can be erased."""
    done = sum(totals.values())
    filled = BAR_WIDTH * done // total if total else 0
    bar = "[" + "#" * filled + "." * (BAR_WIDTH - filled) + "]"
    plain = f"  {bar} {done}/{total}  {clock(int(elapsed_s)) if elapsed_s >= 60 else f'{int(elapsed_s)}s'}"
    tail = counts(totals, Look())
    if len(plain) + 2 + len(tail) < look.width:
        return f"{plain}  {counts(totals, look)}".rstrip()
    return plain[: max(0, look.width - 1)]
