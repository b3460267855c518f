"""A block of lines that is written over in place."""

import io
import os

import pytest

from scheduler.console.cli.live_block import LiveBlock
from tests.terminal import Screen


class Shown:
    """A block on a terminal whose size can be changed, and what that terminal shows."""

    def __init__(self, columns: int = 80, lines: int = 24, *, colour: bool = False, keeps: bool = False) -> None:
        self.size = os.terminal_size((columns, lines))
        self.stream, self.screen, self.seen = io.StringIO(), Screen(columns, lines), 0
        self.block = LiveBlock(self.stream, lambda: self.size, colour=colour, keeps=keeps)

    def text(self) -> str:
        """What is on the screen now."""
        written = self.stream.getvalue()
        self.screen.feed(written[self.seen :])
        self.seen = len(written)
        return self.screen.text

    def narrow(self, columns: int) -> None:
        """Make the terminal narrower."""
        self.text()
        self.screen.narrow(columns)
        self.size = os.terminal_size((columns, self.size.lines))


def test_lines_are_written_over_and_erased_at_the_end() -> None:
    shown = Shown()
    shown.block.show(["one", "two"])
    assert (shown.text(), shown.screen.is_cursor_shown) == ("one\ntwo", False)
    shown.block.show(["three", "four"])
    assert shown.text() == "three\nfour"
    shown.block.close()
    assert (shown.text(), shown.screen.is_cursor_shown) == ("", True)


def test_a_block_that_keeps_leaves_what_was_shown_last() -> None:
    shown = Shown(keeps=True)
    shown.block.show(["one", "two", "three"])
    shown.block.show(["four"])
    shown.block.close()
    assert shown.text() == "four"


def test_lines_above_stay_and_may_be_longer_than_the_terminal_is_wide() -> None:
    shown = Shown(20)
    shown.block.show(["bar", "counts"])
    shown.block.write_above("a" * 30)
    shown.block.write_above("second")
    shown.block.show(["bar 2", "counts 2"])
    assert shown.text().splitlines() == ["a" * 20, "a" * 10, "second", "bar 2", "counts 2"]


@pytest.mark.parametrize("columns", [60, 41, 30, 13])
def test_a_terminal_that_becomes_narrower_keeps_no_rest_of_the_block(columns: int) -> None:
    shown = Shown(80)
    shown.block.show(["x" * 79, "y" * 79, "z"])
    shown.block.write_above("stays")
    shown.narrow(columns)
    shown.block.show(["new", "block", ""])
    assert shown.text().splitlines() == ["stays", "new", "block"]


def test_a_block_is_never_wider_than_the_terminal() -> None:
    shown = Shown(10)
    shown.block.show(["abcdefghijklmnop", "b"])
    assert shown.text().splitlines() == ["abcdefghij", "b"]


def test_text_is_no_markup_and_colours_of_ours_come_through() -> None:
    shown = Shown(colour=True)
    shown.block.show(["[bold]x[/bold] :smile: \x1b[32mok\x1b[0m"])
    assert shown.text() == "[bold]x[/bold] :smile: ok"
    assert "\x1b[32mok" in shown.stream.getvalue()
    plain = Shown()
    plain.block.show(["\x1b[32mok\x1b[0m"])
    assert "\x1b[32m" not in plain.stream.getvalue()
