"""Owns what a stream can show: colour, glyphs, width, and whether a line may be redrawn. Decided once, from facts."""

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TextIO

from scheduler.console.cli.settings import ConsoleSettings
from scheduler.reports.style import Style

DEFAULT_WIDTH, MAX_WIDTH = 80, 240
_SGR = {"red": "31;1", "green": "32", "yellow": "33", "magenta": "35", "blue": "34", "dim": "2", "bold": "1"}


@dataclass(frozen=True)
class Look:
    """How text on one stream is dressed. `live`: cursor codes are understood by whoever reads."""

    colour: bool = False
    unicode: bool = False
    width: int = DEFAULT_WIDTH
    live: bool = False

    @property
    def style(self) -> Style:
        """The same for reports, which know no stream."""
        return Style(self.width, self.colour, self.unicode)

    def paint(self, text: str, style: str) -> str:
        """`text` in a style of ours, or as it is where colours are off."""
        return f"\x1b[{_SGR[style]}m{text}\x1b[0m" if self.colour else text


def look_of(stream: TextIO, settings: ConsoleSettings, size: Callable[[int], os.terminal_size] | None = None) -> Look:
    """The look of `stream`. --color wins over NO_COLOR, that over FORCE_COLOR, and that over what the stream is.

    A pipe is never live, whatever FORCE_COLOR says: CI logs render colours, not cursor codes.
    """
    terminal = _is_terminal(stream)
    return Look(
        colour=_has_colour(settings, terminal),
        unicode=not settings.ascii and (getattr(stream, "encoding", None) or "").lower().startswith("utf"),
        width=_width(stream, size or os.get_terminal_size) if terminal else MAX_WIDTH if settings.ci else 100,
        live=terminal and not settings.dumb_terminal and not settings.ci,
    )


def _has_colour(settings: ConsoleSettings, terminal: bool) -> bool:
    if settings.color != "auto":
        return settings.color == "always"
    return not settings.no_color and (settings.force_color or (terminal and not settings.dumb_terminal))


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def _width(stream: TextIO, size: Callable[[int], os.terminal_size]) -> int:
    try:
        columns = size(stream.fileno()).columns
    except OSError:
        return DEFAULT_WIDTH
    return min(columns, MAX_WIDTH) if columns > 0 else DEFAULT_WIDTH


@contextlib.contextmanager
def commands_stopped(stream: TextIO, settings: ConsoleSettings) -> Iterator[None]:
    """While in here, nothing that is printed is a command to GitHub Actions: servers may print `::error::`, too.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions#stopping-and-starting-workflow-commands
    """
    if not settings.github_actions:
        yield
        return
    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}", file=stream, flush=True)
    try:
        yield
    finally:
        print(f"::{token}::", file=stream, flush=True)
