"""Owns a block of lines at the bottom of a terminal that is written over in place. It decides nothing about its lines.

The one place that uses rich, which is loaded when a block is shown and not before. When the terminal becomes narrower
it breaks the lines that stand there into more: those are cleared, too.
"""

import os
from collections.abc import Callable, Sequence
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

DEFAULT = os.terminal_size((80, 24))
Size = Callable[[], os.terminal_size]


class LiveBlock:
    """Lines that are shown until others are. `keeps`: what was shown last stays there at the end."""

    def __init__(self, stream: TextIO, size: Size, *, colour: bool, keeps: bool = False) -> None:
        self._stream, self._size, self._keeps = stream, size, keeps
        self._console = Console(
            file=stream,
            force_terminal=True,
            color_system="standard" if colour else None,
            no_color=not colour,
            legacy_windows=False,
            highlight=False,
            markup=False,
            emoji=False,
            width=size().columns,
            height=size().lines,
        )
        self._live: Live | None = None
        self._shown: tuple[str, ...] = ()

    @property
    def lines(self) -> int:
        """How many lines the terminal shows now."""
        return self._size().lines

    def show(self, lines: Sequence[str]) -> None:
        """Write `lines`, which may hold colours of ours, over those of before."""
        size = self._size()
        if self._live is not None and size.columns < self._console.width:
            self._clear_broken(size.columns)
        self._console.size = (size.columns, size.lines)
        self._shown = tuple(lines)
        block = Group(*(Text.from_ansi(line, no_wrap=True, overflow="crop") if line else Text("") for line in lines))
        if self._live is None:
            self._live = Live(
                block,
                console=self._console,
                auto_refresh=False,
                transient=not self._keeps,
                redirect_stdout=False,
                redirect_stderr=False,
                vertical_overflow="crop",
            )
            self._live.start(refresh=True)
        else:
            self._live.update(block, refresh=True)

    def write_above(self, line: str) -> None:
        """A line that stays, above the block."""
        self._console.print(Text.from_ansi(line), soft_wrap=True)

    def close(self) -> None:
        """End the block: erased, unless it `keeps`."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _clear_broken(self, columns: int) -> None:
        """The terminal has broken what is shown into more rows: clear them, and stand where the last one would be."""
        rows = sum(max(1, -(-len(Text.from_ansi(line)) // max(1, columns))) for line in self._shown)
        up = f"\x1b[{rows - 1}A" if rows > 1 else ""
        self._stream.write(f"\r{up}\x1b[J" + "\n" * (len(self._shown) - 1))
        self._stream.flush()


def size_of(stream: TextIO) -> Size:
    """What tells how large the terminal of `stream` is now."""

    def size() -> os.terminal_size:
        try:
            found = os.get_terminal_size(stream.fileno())
        except (OSError, ValueError):
            return DEFAULT
        return found if found.columns > 0 and found.lines > 0 else DEFAULT

    return size
