"""The few questions that must be answered in milliseconds: straight from the SQLite file, without SQLModel.

Read only. A database that is not there, is busy, or is of another kind has no answer, which is no error.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

BUSY_S = 0.02
MAX_TESTS = 10_000


def newest_runs(database: Path, limit: int) -> tuple[str, ...]:
    """Ids of the newest runs, the newest first."""
    return _column(database, "SELECT id FROM runs ORDER BY created_ms DESC, id DESC LIMIT ?", limit)


def tests_of_newest_run(database: Path) -> tuple[str, ...]:
    """Ids of the tests of the newest run, in its order, 10,000 at most."""
    newest = "(SELECT id FROM runs ORDER BY created_ms DESC, id DESC LIMIT 1)"
    return _column(database, f"SELECT test_id FROM tests WHERE run_id = {newest} ORDER BY number LIMIT ?", MAX_TESTS)


def _column(database: Path, query: str, limit: int) -> tuple[str, ...]:
    try:
        address = f"{database.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=BUSY_S)) as connection:
            return tuple(str(row[0]) for row in connection.execute(query, (limit,)))
    except (sqlite3.Error, ValueError):
        return ()
