"""What a stream may be shown."""

import io
import os

import pytest

from scheduler.console.cli.settings import ConsoleSettings, read_settings
from scheduler.console.cli.terminal import Look, look_of


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding)

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 99


def columns(count: int):
    return lambda _fd: os.terminal_size((count, 24))


def test_a_terminal_is_live_and_coloured() -> None:
    assert look_of(Terminal(), ConsoleSettings(), columns(120)) == Look(colour=True, unicode=True, width=120, live=True)


@pytest.mark.parametrize("settings", [ConsoleSettings(ci=True), ConsoleSettings(dumb_terminal=True)])
def test_ci_and_dumb_terminals_are_never_live(settings: ConsoleSettings) -> None:
    assert look_of(Terminal(), settings, columns(80)).live is False


def test_forced_colour_on_a_pipe_brings_no_cursor_codes() -> None:
    look = look_of(io.StringIO(), ConsoleSettings(force_color=True))

    assert (look.colour, look.live) == (True, False)


def test_no_color_wins_over_force_color_and_over_a_terminal() -> None:
    settings = ConsoleSettings(no_color=True, force_color=True)

    assert look_of(Terminal(), settings, columns(80)).colour is False


@pytest.mark.parametrize(("color", "coloured"), [("always", True), ("never", False)], ids=["always", "never"])
def test_the_command_line_wins_over_every_variable(color: str, coloured: bool) -> None:
    for no_color, force_color in ((True, False), (False, True), (True, True)):
        settings = ConsoleSettings(no_color=no_color, force_color=force_color, color=color)
        for stream in (Terminal(), io.StringIO()):
            assert look_of(stream, settings, columns(80)).colour is coloured


def test_glyphs_can_be_refused() -> None:
    assert look_of(Terminal(), ConsoleSettings(ascii=True), columns(80)).unicode is False


def test_a_stream_that_cannot_encode_glyphs_gets_none() -> None:
    assert look_of(Terminal("ascii"), ConsoleSettings(), columns(80)).unicode is False


def test_a_terminal_that_says_zero_columns_counts_as_eighty() -> None:
    assert look_of(Terminal(), ConsoleSettings(), columns(0)).width == 80


def test_empty_variables_count_as_absent() -> None:
    assert read_settings({"NO_COLOR": "", "CI": "", "FORCE_COLOR": "0", "MCPF_STATE_DIR": ""}) == ConsoleSettings()


def test_each_variable_is_read() -> None:
    read = read_settings({"NO_COLOR": "1", "CI": "true", "TERM": "dumb", "MCPF_KEY": "k", "MCPF_FARM": "http://f"})

    assert (read.no_color, read.ci, read.dumb_terminal, read.key, read.farm) == (True, True, True, "k", "http://f")
