"""`migrate` and `keys` from outside: what is printed, what is written, what the exit code says."""

import json
from pathlib import Path

import yaml

from tests.acceptance.command import run_command

GOOD = """\
server: {start_command: "c"}
test_suites:
  - {name: "one", test_cases: [{id: "a", tool_name: "t", input_params: {x: 1}}]}
  - {name: "two", test_cases: [{id: "b", tool_name: "t", debug_response: true}]}
"""


def test_suites_are_printed_as_documents_and_keys_told_beside_them(tmp_path: Path, state_dir: Path) -> None:
    (tmp_path / "old.yaml").write_text(GOOD)

    done = run_command(["migrate", str(tmp_path / "old.yaml")], state_dir)

    assert done.exit_code == 0
    one, two = yaml.safe_load_all(done.stdout)
    assert one["tools"] == [{"name": "t", "tests": [{"name": "a", "input": {"x": 1}}]}]
    assert two["name"] == "two"
    assert [line.removeprefix(f"{tmp_path}/") for line in done.stderr.splitlines()] == [
        "old.yaml:1: server.start_command → server.command",
        "old.yaml:3: id → name",
        "old.yaml:3: tool_name → tools[].name",
        "old.yaml:3: input_params → input",
        "old.yaml:4: id → name",
        "old.yaml:4: tool_name → tools[].name",
        "old.yaml:4: debug_response is not needed: answers of tests that do not pass are kept",
    ]


def test_files_that_are_written_hold_the_tests_of_the_old_one(tmp_path: Path, state_dir: Path) -> None:
    (tmp_path / "old.yaml").write_text(GOOD)
    before = run_command(["list", str(tmp_path / "old.yaml")], state_dir)

    done = run_command(["migrate", str(tmp_path / "old.yaml"), "-o", str(tmp_path)], state_dir)
    again = run_command(["migrate", str(tmp_path / "old.yaml"), "-o", str(tmp_path)], state_dir)

    assert done.exit_code == 0
    written = [str(tmp_path / name) for name in ("old.one.yaml", "old.two.yaml")]
    after = run_command(["list", *written], state_dir)
    assert (after.stdout, after.exit_code) == (before.stdout, 0)
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)


def test_what_nobody_knows_ends_with_two_and_stands_as_a_comment(tmp_path: Path, state_dir: Path) -> None:
    (tmp_path / "old.yaml").write_text(GOOD.replace("debug_response", "debug_respons"))

    done = run_command(["migrate", str(tmp_path / "old.yaml"), "--json"], state_dir)

    assert done.exit_code == 2
    told = json.loads(done.stdout)
    assert "# line 4: debug_respons is a key that nobody documents\n" in told["suites"][1]["text"]
    assert [note for note in told["notes"] if note["kind"] == "unknown"] == [
        {
            "kind": "unknown",
            "key": "debug_respons",
            "said": "",
            "sentence": "debug_respons is a key that nobody documents",
            "at": {"file": "", "line": 4, "column": 58},
        }
    ]


def test_keys_are_listed_by_format_and_state(state_dir: Path) -> None:
    done = run_command(["keys", "--format", "v1", "--state", "refused"], state_dir)

    assert done.exit_code == 0
    head, *rows = done.stdout.splitlines()
    assert head == "v1:"
    assert {row.split()[0] for row in rows} == {"refused"}
    assert any("allow_any_response: a test that any answer satisfies proves nothing" in row for row in rows)
