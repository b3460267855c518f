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


EVERYTHING = """\
variables: {{word: hello}}
server: {{start_command: '{python} -I -S {server}'}}
test_suites:
  - name: works
    test_cases:
      - id: pairs
        tool_name: add
        variables: {{lefts: [1, 2], sums: [11, 12]}}
        matrix: {{left: '${{lefts}}', sum: '${{sums}}'}}
        input_params: {{a: '${{matrix.left}}', b: 10}}
        expected:
          patterns:
            - {{key: total, validation: {{type: range, min: '${{matrix.sum - 0.5}}', max: '${{matrix.sum}}'}}}}
            - {{key: parts, validation: {{type: array_contains_all, values: [10]}}}}
            - {{key: nothing, validation: {{type: exists}}, required: false}}
          custom_scripts:
            - {{script: scripts/sum.py, min_score: 0.5}}
        performance: {{max_execution_time_ms: 60000}}
        iterations: 2
      - id: steps
        tool_name: echo
        setup_steps: [{{tool: add, params: {{a: 1, b: 2}}, store_result_as: first}}]
        steps: [{{tool: add, params: {{a: '${{first.total}}', b: 4}}, store_result_as: second}}]
        input_params: {{text: '${{word}} ${{second.total}}'}}
        expected: {{patterns: [{{key: '', validation: {{type: equals, value: hello 7}}}}]}}
      - {{id: tool_error, tool_name: fail, input_params: {{message: out of paper}}, expect_error: true,
         expected_error_pattern: out of (paper|ink)}}
      - {{id: rpc_error, tool_name: rpc_error, expected: {{error_expected: true, expected_error_code: -32602}}}}
      - {{id: unless_tools, tool_name: echo, skip_if: server.capabilities.tools}}
      - id: lists
        tool_name: tools/list
        expected: {{patterns: [{{key: 'tools[*].name', validation: {{type: string}}}}]}}
  - name: fails
    parallel_execution: true
    test_cases:
      - {{id: wrong_word, tool_name: echo, input_params: {{text: a}},
         expected: {{patterns: [{{key: '', validation: {{type: starts_with, value: b}}}}]}}}}
      - {{id: no_error, tool_name: echo, input_params: {{text: a}}, expect_error: true}}
      - id: low_score
        tool_name: echo
        input_params: {{text: a}}
        expected:
          custom_scripts: [{{script: 'print({{"success": True, "score": 0.1}})', language: python, min_score: 0.5}}]
"""
SCRIPT = """\
import json, sys

told = json.loads(sys.argv[1])
print(json.dumps({"success": told["total"] == sum(told["parts"]), "score": 0.9}))
"""


def test_what_a_v1_file_says_is_done_and_can_fail(tmp_path: Path, state_dir: Path) -> None:
    server = SERVER.with_name("plain.py")
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "sum.py").write_text(SCRIPT)
    (tmp_path / "old.yaml").write_text(EVERYTHING.format(python=sys.executable, server=server))

    done = run_command(["run", "--workers", "1", str(tmp_path / "old.yaml")], state_dir)

    assert done.report is not None, done.stderr
    assert done.outcomes() == {
        "pairs[left=1,sum=11]": "passed",
        "pairs[left=2,sum=12]": "passed",
        "steps": "passed",
        "tool_error": "passed",
        "rpc_error": "passed",
        "unless_tools": "skipped",
        "lists": "passed",
        "wrong_word": "failed",
        "no_error": "failed",
        "low_score": "failed",
    }
    assert {test.name for test in done.report.tests if test.warned} == {"pairs[left=1,sum=11]", "pairs[left=2,sum=12]"}
