"""In GitHub Actions: annotations after the result, and a summary of the job."""

import re
from pathlib import Path

from tests.acceptance.command import echo_test, run_command, write_suite
from tests.conftest import plain_server

WRONG = {"expected": {"fields": [{"path": "$[0].text", "value": "::error::mine"}]}}


def test_a_failure_is_an_error_at_its_line_and_the_summary_is_added(tmp_path: Path, state_dir: Path) -> None:
    suite = write_suite(tmp_path / "mcp" / "a.yaml", plain_server(), {"echo": [echo_test("wrong", **WRONG)]})
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    github = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(tmp_path), "GITHUB_STEP_SUMMARY": str(summary)}

    done = run_command(["run", str(suite)], state_dir, **github)

    assert done.exit_code == 1
    commands = [line for line in done.stdout.splitlines() if line.startswith("::error")]
    assert len(commands) == 1
    assert re.fullmatch(r"::error file=mcp/a\.yaml,line=\d+,title=(NEW )?1 test on a::.*mine.*", commands[0])
    assert summary.read_text().startswith("before\n## ✗ `a.yaml`: 1 of 1 test failed, 1 cause")

    run_command(["run", str(suite), "--github-summary", "off"], state_dir, **github)
    assert summary.read_text().count("## ✗") == 1


def test_reports_of_every_format_are_written_where_they_are_asked_for(tmp_path: Path, state_dir: Path) -> None:
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"echo": [echo_test("right")]})
    files = {"ctrf": "c.json", "markdown": "deep/m.md", "markdown-comment": "deep/comment.md", "junit": "j.xml"}
    args = [part for name, file in files.items() for part in ("--report", f"{name}={tmp_path / file}")]

    done = run_command(["run", str(suite), *args], state_dir)

    assert (done.exit_code, "::" in done.stdout) == (0, False)
    assert all((tmp_path / file).stat().st_size for file in files.values())
    assert f"report       {tmp_path / 'deep' / 'm.md'}" in done.stdout
    again = run_command(["report", "last", "--format", "markdown"], state_dir)
    assert again.stdout == (tmp_path / "deep" / "m.md").read_text()
