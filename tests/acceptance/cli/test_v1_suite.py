"""The public suite of the v1 format, unchanged, against a server that does what it describes."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.acceptance.command import run_command

SERVER = Path(__file__).resolve().parents[2] / "servers" / "database.py"
SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE, age INTEGER, city TEXT);
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), order_date TEXT);
"""
ROWS = """
INSERT INTO users (name, email, age, city) VALUES ('Ada', 'ada@example.com', 36, 'New York');
INSERT INTO users (name, email, age, city) VALUES ('Bob', 'bob@example.com', 25, 'New York');
INSERT INTO products (name, price) VALUES ('Lamp', 19.5);
INSERT INTO orders (user_id, order_date) VALUES (1, '2024-01-31');
"""
SQLITE = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.stdin.read())"

FAULTS_OF_THE_SUITE = {
    # in MCP a capability is an object, never true
    "initialize_database": "value at capabilities.tools: expected true (boolean), got {} (object)",
    # verify_update and parameterized_query want rows that are lists, this one rows that are mappings
    "simple_select": "required at rows[0].user_count: expected a value, got nothing; "
    "the answer has rows, column_names, row_count, execution_time_ms",
}


@pytest.fixture
def suite(tmp_path: Path, shared_suites: Path) -> Path:
    """A copy of the suite with what it expects beside it."""
    for folder in ("servers/database", "test-data", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(SERVER, tmp_path / "servers" / "database" / "database_server.py")
    (tmp_path / "test-data" / "schema.sql").write_text(SCHEMA)
    (tmp_path / "test-data" / "sample_data.sql").write_text(ROWS)
    _program(tmp_path / "bin" / "python", "")
    _program(tmp_path / "bin" / "sqlite3", f"-c '{SQLITE}'")
    return Path(shutil.copy(shared_suites / "v1" / "database-mcp.yaml", tmp_path / "database-mcp.yaml"))


def _program(path: Path, arguments: str) -> None:
    path.write_text(f'#!/bin/sh\nexec {sys.executable} {arguments} "$@"\n')
    path.chmod(0o755)


def test_the_public_suite_of_the_v1_format_ends_as_its_server_says(suite: Path, state_dir: Path) -> None:
    path = f"{suite.parent / 'bin'}:{os.environ['PATH']}"

    done = run_command(["run", "--workers", "1", str(suite)], state_dir, PATH=path)

    assert done.report is not None, done.stderr
    failed = {test.name: test.reason for test in done.report.tests if test.outcome != "passed"}
    assert failed == FAULTS_OF_THE_SUITE
    assert (done.exit_code, len(done.report.tests)) == (1, 19)
    assert {test.test_id.split("/")[1] for test in done.report.tests} == {
        f"database-mcp.{name}"
        for name in (
            "connection_management",
            "schema_operations",
            "query_operations",
            "data_modification",
            "advanced_operations",
            "error_handling",
            "performance_testing",
        )
    }
