"""A run on a real terminal: the block while it goes on, what stays, and what is gone at the end."""

import os
import signal
import termios
from pathlib import Path

import pytest

from tests.acceptance.cli.on_terminal import on_terminal
from tests.acceptance.command import write_suite
from tests.conftest import plain_server


def suite(tmp_path: Path, seconds: float = 2.0) -> str:
    """A test that fails at once, and some that take a while."""
    wrong = {"name": "wrong", "input": {"text": "hello"}, "expected": {"fields": [{"path": "$[0].text", "value": "x"}]}}
    slow = [{"name": f"slow {number}", "input": {"seconds": seconds}} for number in range(4)]
    return str(write_suite(tmp_path / "a.yaml", plain_server(), {"echo": [wrong], "sleep": slow}))


def rows(text: str) -> list[str]:
    return [row for row in text.splitlines() if row.startswith("  [")]


@pytest.mark.parametrize(("columns", "lines", "words"), [(120, 40, "1 of 5"), (80, 24, "1/5"), (60, 24, "1/5")])
def test_a_terminal_shows_what_runs_and_forgets_it_at_the_end(
    tmp_path: Path, state_dir: Path, columns: int, lines: int, words: str
) -> None:
    with on_terminal(["run", "--concurrency", "4", suite(tmp_path)], state_dir, columns, lines) as command:
        during = command.wait_for(lambda text: words in text and "sleep/slow-0" in text and " running" in text)
        after = command.end()

    assert command.process.returncode == 1
    (bar,) = rows(during)
    assert len(bar) < columns
    assert ("worker local-1-1" in during) is (columns >= 100)
    assert "\n  FAIL " in after and 'value at $[0].text: expected "x"' in after
    assert (rows(after), " running" in after, command.screen.is_cursor_shown) == ([], False, True)
    assert "\x1b" not in (state_dir / "stdout").read_text(), "stdout is no terminal"


def test_a_terminal_that_becomes_narrower_keeps_nothing_of_the_block(tmp_path: Path, state_dir: Path) -> None:
    with on_terminal(["run", suite(tmp_path)], state_dir, 120, 30) as command:
        command.wait_for(lambda text: "1 of 5" in text and "running" in text)
        command.narrow(70)
        narrow = command.wait_for(lambda text: "1/5" in text)
        after = command.end()

    assert len(rows(narrow)) == 1
    assert rows(after) == [] and " waiting" not in after


def test_a_key_and_a_signal_ask_what_runs_and_the_terminal_is_put_back(tmp_path: Path, state_dir: Path) -> None:
    with on_terminal(["run", suite(tmp_path, 3.0)], state_dir, 100, 30) as command:
        before = termios.tcgetattr(command.terminal)
        command.wait_for(lambda text: "running" in text)
        assert termios.tcgetattr(command.terminal)[3] & termios.ECHO == 0
        command.press("t")
        command.wait_for(lambda text: text.count("  ....  ") == 1)
        os.kill(command.process.pid, signal.SIGUSR1)
        command.wait_for(lambda text: text.count("  ....  ") == 2)
        after = command.end()
        assert termios.tcgetattr(command.terminal) == before

    assert "oldest" in after and "worker local-1-1" in after


def test_a_second_ctrl_c_leaves_a_terminal_as_it_was(tmp_path: Path, state_dir: Path) -> None:
    with on_terminal(["run", suite(tmp_path, 60.0)], state_dir, 100, 30) as command:
        before = termios.tcgetattr(command.terminal)
        command.wait_for(lambda text: "4 running" in text)
        os.kill(command.process.pid, signal.SIGSTOP)
        command.process.send_signal(signal.SIGINT)
        command.process.send_signal(signal.SIGTERM)
        os.kill(command.process.pid, signal.SIGCONT)
        command.end()
        assert termios.tcgetattr(command.terminal) == before

    assert command.screen.is_cursor_shown


@pytest.mark.parametrize("env", [{"CI": "true"}, {"TERM": "dumb"}])
def test_ci_and_dumb_terminals_get_plain_lines(tmp_path: Path, state_dir: Path, env: dict[str, str]) -> None:
    with on_terminal(["run", suite(tmp_path, 0.1)], state_dir, 100, 30, **env) as command:
        after = command.end()

    assert rows(after) == []
    assert " 0m0" in after and "  FAIL " in after
