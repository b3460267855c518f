"""Completion scripts are those of today's options, and the words that shells ask for are harmless."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scheduler.console.cli.complete_words import main, words_of
from scheduler.console.cli.completion import SHELLS, script_file
from scheduler.console.cli.completion_scripts import script_for

REMEDY = "run: python -m scheduler.console.cli.completion_scripts"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory whose newest run `b2` has three tests, one of an evil name."""
    monkeypatch.setenv("MCPF_STATE_DIR", str(tmp_path))
    with closing(sqlite3.connect(tmp_path / "farm.db")) as connection, connection:
        connection.execute("CREATE TABLE runs (id TEXT, created_ms INTEGER)")
        connection.execute("CREATE TABLE tests (run_id TEXT, number INTEGER, test_id TEXT)")
        connection.executemany("INSERT INTO runs VALUES (?, ?)", [("a1", 1), ("b2", 2)])
        ids = ["default/s/t/echo/a", "default/s/t/echo/b[limit=5]", "default/s/t/$(touch evil)"]
        connection.executemany("INSERT INTO tests VALUES ('b2', ?, ?)", list(enumerate(ids)))
        connection.execute("INSERT INTO tests VALUES ('a1', 0, 'default/s/t/old')")
    return tmp_path


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shipped_script_is_current(shell: str) -> None:
    assert script_file(shell).read_text(encoding="utf-8") == script_for(shell), REMEDY


def test_runs_are_completed_the_newest_first_and_tests_from_the_newest_run(state: Path) -> None:
    assert words_of("runs", "") == ("last", "last~1", "b2", "a1")
    assert words_of("runs", "b") == ("b2",)
    assert words_of("tests", "s/t/e") == ("s/t/echo/a", "s/t/echo/b[limit=5]")
    assert words_of("keys", "") == ()


def test_what_a_shell_would_expand_is_no_word(state: Path) -> None:
    assert words_of("tests", "s/t/$") == ()


def test_without_a_database_there_are_no_words_and_no_complaint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MCPF_STATE_DIR", str(tmp_path / "none"))
    assert words_of("tests", "") == ()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "farm.db").write_bytes(b"no database")
    monkeypatch.setenv("MCPF_STATE_DIR", str(tmp_path))
    assert main(["tests"]) == main([]) == 0
    assert capsys.readouterr() == ("", "")
