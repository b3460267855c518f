"""Owns a block of lines on a terminal that is written over in place. It decides nothing about what they say."""

import os
from collections.abc import Callable, Sequence
from typing import TextIO

DEFAULT_HEIGHT = 24
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"


class Block:
    """Lines at the bottom of a terminal. What was shown last stays there when nothing more is shown."""

    def __init__(self, stream: TextIO, width: int, height: Callable[[], int]) -> None:
        self._stream, self._width, self._height = stream, width, height
        self._shown = 0

    def show(self, lines: Sequence[str]) -> None:
        """Write `lines` over those of before: no more than the terminal is high, none longer than it is wide."""
        fitting = [line[: max(1, self._width - 1)] for line in fit(lines, self._height() - 1)]
        back = f"\x1b[{self._shown}F\x1b[J" if self._shown else ""
        # A terminal counts some characters as two: it must cut such a line, not begin another one.
        self._stream.write(f"{back}{_NO_WRAP}" + "".join(f"{line}\n" for line in fitting) + _WRAP)
        self._stream.flush()
        self._shown = len(fitting)


def fit(lines: Sequence[str], most: int) -> list[str]:
    """The first of `lines`, at most `most` (at least 2); the last line then says how many are missing. Pure."""
    most = max(2, most)
    if len(lines) <= most:
        return list(lines)
    return [*lines[: most - 1], f"... and {len(lines) - most + 1} more lines; --once shows all"]


def height_of(stream: TextIO) -> int:
    """How many lines the terminal of `stream` shows now."""
    try:
        return os.get_terminal_size(stream.fileno()).lines or DEFAULT_HEIGHT
    except OSError:
        return DEFAULT_HEIGHT
