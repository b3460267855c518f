"""`init`, `discover` and `generate` on real servers: what they write passes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.command import COMMAND, environment, run_command
from tests.conftest import SERVERS, require

INSTALLED = Path(__file__).resolve().parents[3] / ".servers"
PATHS = (INSTALLED / "python" / "bin", INSTALLED / "node" / "node_modules" / ".bin")
SERVER_PATH = ":".join([*map(str, PATHS), os.environ["PATH"]])
PLAIN = [sys.executable, "-I", "-S", str(SERVERS / "plain.py")]

DESTRUCTIVE = "--allow-destructive"
MEMORY_HERE = ["--env", "MEMORY_FILE_PATH=${sandbox}/memory.json"]
"""Without it the server keeps one file beside its own code for all who run it."""
GENERATED: dict[str, tuple[list[str], list[str], int, int]] = {
    "time": ([], ["mcp-server-time"], 8, 0),
    "git": ([], ["mcp-server-git"], 15, 14),
    "filesystem": ([], ["mcp-server-filesystem", "${sandbox}"], 25, 10),
    "filesystem, all of it": ([DESTRUCTIVE], ["mcp-server-filesystem", "${sandbox}"], 35, 3),
    "memory, all of it": ([DESTRUCTIVE, *MEMORY_HERE], ["mcp-server-memory"], 20, 2),
    "everything": ([], ["mcp-server-everything", "stdio"], 35, 6),
}
"""Server → options and command, how many tests must pass at least and how many may be skipped at most."""


def server_command(name: str) -> list[str]:
    command = GENERATED[name][1]
    folder = next((path for path in PATHS if (path / command[0]).exists()), PATHS[0])
    require(folder / command[0])
    return command


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_suite_passes_against_its_server(tmp_path: Path, state_dir: Path, name: str) -> None:
    suite = tmp_path / "made.yaml"
    options, _, least, most = GENERATED[name]
    args = ["generate", "-o", str(suite), "--timeout", "3", "--json", *options, "--", *server_command(name)]
    made = run_command(args, state_dir, PATH=SERVER_PATH)
    assert made.exit_code == 0, made.stderr
    told = json.loads(made.stdout)["suite"]
    assert (told["tests"] >= least, told["skipped"] <= most) == (True, True), told

    done = run_command(["run", str(suite)], state_dir, PATH=SERVER_PATH)
    assert done.exit_code == 0, done.stdout
    assert sum(outcome == "passed" for outcome in done.outcomes().values()) > 0


def test_a_generated_suite_on_stdout_is_the_suite_alone_and_calls_nothing_destructive(
    tmp_path: Path, state_dir: Path
) -> None:
    calls = tmp_path / "calls.log"
    made = run_command(["generate", "--env", f"MCP_CALL_LOG={calls}", "--", *PLAIN], state_dir)
    suite = tmp_path / "plain.yaml"
    suite.write_text(made.stdout)

    assert made.exit_code == 0, made.stderr
    assert "tests that pass" in made.stderr
    assert run_command(["run", str(suite)], state_dir).exit_code == 0


def test_discover_shows_what_a_server_offers(state_dir: Path) -> None:
    command = server_command("time")
    shown = run_command(["discover", "--", *command], state_dir, PATH=SERVER_PATH)
    assert shown.stdout.startswith("server        mcp-time ")
    assert "  get_current_time   Get current time in a specific timezone" in shown.stdout

    offer = json.loads(run_command(["discover", "--json", "--", *command], state_dir, PATH=SERVER_PATH).stdout)["offer"]
    assert [tool["name"] for tool in offer["tools"]] == ["get_current_time", "convert_time"]
    assert offer["tools"][0]["input_schema"]["required"] == ["timezone"]
    assert (offer["protocol_version"], "2024-11-05" in offer["revisions"]) == ("2025-11-25", True)


@pytest.mark.parametrize("command", ["discover", "generate"])
def test_a_server_that_does_not_start_is_named_with_its_last_words(state_dir: Path, command: str) -> None:
    done = run_command([command, "--", sys.executable, "-c", "import nothing_of_that_name"], state_dir)
    assert (done.exit_code, done.stdout) == (3, "")
    assert "  | ModuleNotFoundError: No module named 'nothing_of_that_name'" in done.stderr
    assert "error: the server cannot be used: it ended before it was initialised (exit code 1)" in done.stderr


def test_a_first_suite_runs_as_it_is_and_is_never_replaced(tmp_path: Path, state_dir: Path) -> None:
    server_command("time")

    def command(*args: str) -> subprocess.CompletedProcess[str]:
        env = environment(state_dir, PATH=SERVER_PATH)
        return subprocess.run([COMMAND, *args], cwd=tmp_path, capture_output=True, text=True, env=env)

    made = command("init")
    assert made.stdout.split() == ["suite.yaml", "mcp-suite.schema.json"]
    assert (tmp_path / "suite.yaml").read_text().startswith("# yaml-language-server: $schema=./mcp-suite.schema.json\n")
    assert json.loads((tmp_path / "mcp-suite.schema.json").read_text())["$schema"]
    assert command("run", "suite.yaml").returncode == 0

    again = command("init")
    assert (again.returncode, again.stdout) == (2, "")
    assert "suite.yaml is there already; name another file, or remove it" in again.stderr
    assert "x/a.yaml: there is no folder x; make it first" in command("generate", "-o", "x/a.yaml", "true").stderr
