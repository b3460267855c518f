"""Targets that are installed from npm and PyPI, for real; what is said when that, or a worker for it, is missing."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.acceptance.command import Finished, echo_test, run_command, write_suite
from tests.acceptance.public.shim import REPOSITORY
from tests.conftest import plain_server

TIME: dict[str, Any] = {
    "name": "time",
    "command": "mcp-server-time",
    "args": ["--local-timezone", "UTC"],
    "install": {"pypi": "mcp-server-time==2026.10.19"},
    "requires": ["python>=3.11"],
}
MEMORY: dict[str, Any] = {
    "name": "memory",
    "command": "mcp-server-memory",
    "env": {"MEMORY_FILE_PATH": "${sandbox}/memory.json"},
    "install": {"npm": "@modelcontextprotocol/server-memory@2026.8.31"},
    "requires": ["node>=18"],
}
NOON = {
    "name": "noon in Tokyo",
    "input": {"source_timezone": "UTC", "time": "12:00", "target_timezone": "Asia/Tokyo"},
    "expected": {"fields": [{"path": "$[0].text", "contains": "+9.0h"}]},
}
EMPTY = {"name": "nothing yet", "expected": {"fields": [{"path": "$.structuredContent.entities", "array_length": 0}]}}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of packages for the tests of this file: what one installs, the next one finds."""
    return tmp_path_factory.mktemp("packages")


def write_target(folder: Path, target: dict[str, Any]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{target['name']}.yaml").write_text(yaml.safe_dump(target))


def suite_for(tmp_path: Path, target: dict[str, Any], tool: str, *tests: dict[str, Any]) -> str:
    write_target(tmp_path / "targets", target)
    path = write_suite(tmp_path / f"{target['name']}-suite.yaml", {}, {tool: tests})
    suite = yaml.safe_load(path.read_text())
    del suite["server"]
    path.write_text(yaml.safe_dump({**suite, "target": target["name"]}, sort_keys=False))
    return str(path)


def run(suite: str, state_dir: Path, packages: Path, **env: str) -> Finished:
    return run_command(["run", suite], state_dir, 180, **{"MCPF_INSTALL_DIR": str(packages), **env})


@pytest.mark.parametrize(
    ("target", "tool", "test"), [(TIME, "convert_time", NOON), (MEMORY, "read_graph", EMPTY)], ids=["pypi", "npm"]
)
@pytest.mark.xdist_group("registries")
def test_a_server_is_installed_outside_the_time_of_its_tests_and_found_by_the_next_run(
    tmp_path: Path, state_dir: Path, packages: Path, target: dict[str, Any], tool: str, test: dict[str, Any]
) -> None:
    suite = suite_for(tmp_path, target, tool, {**test, "timeout_seconds": 5})
    without = {"PATH": "/usr/local/bin:/usr/bin:/bin"}  # where the server itself is not

    cold = run(suite, state_dir, packages, **without)
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_FIND_LINKS": "",
        "NPM_CONFIG_REGISTRY": "http://127.0.0.1:9/",
    }
    warm = run(suite, state_dir, packages, **without, **nowhere)

    assert (cold.exit_code, warm.exit_code) == (0, 0), cold.stdout + cold.stderr + warm.stdout
    assert list(cold.outcomes().values()) == ["passed"]


@pytest.mark.xdist_group("registries")
def test_the_example_runs_one_suite_over_three_servers_that_it_installs(state_dir: Path, packages: Path) -> None:
    done = run(str(REPOSITORY / "examples" / "targets"), state_dir, packages, PATH="/usr/local/bin:/usr/bin:/bin")

    assert done.report is not None and done.exit_code == 0, done.stdout + done.stderr
    every = ["it says who it is", "it answers a ping", "it lists tools, with a name and a schema of their input"]
    skipped, asked = ("noon in Tokyo", "skipped"), ("noon in Tokyo", "passed")
    told: dict[str, list[tuple[str, str | None]]] = {"everything": [], "memory": [], "time": []}
    for test in done.report.tests:
        told[test.target].append((test.name, test.outcome))
    assert {target: sorted(tests) for target, tests in told.items()} == {
        target: sorted([*((name, "passed") for name in every), asked if target == "time" else skipped])
        for target in told
    }


def test_an_install_that_fails_is_one_error_that_names_the_command_and_what_it_said(
    tmp_path: Path, state_dir: Path, packages: Path
) -> None:
    none = {**TIME, "install": {"pypi": "mcp-server-time==1900.1.1"}}
    tests = [{**NOON, "name": f"t{number}"} for number in range(12)]
    where = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}

    done = run(suite_for(tmp_path, none, "convert_time", *tests), state_dir, packages, **where)

    assert done.exit_code == 3, done.stderr
    assert (
        "install failed: `" in done.stdout
        and "mcp-server-time==1900.1.1` ended with exit code 1: ERROR:" in done.stdout
    )
    assert done.stdout.count("exit code 1: ERROR") <= 2
    assert not [path for path in packages.iterdir() if path.is_dir() and not path.with_suffix(".json").exists()]


def test_what_no_worker_offers_is_an_error_and_no_endless_wait(tmp_path: Path, state_dir: Path) -> None:
    suite = suite_for(tmp_path, {**plain_server(), "name": "t", "requires": ["node>=999"]}, "echo", echo_test("a"))

    done = run_command(["run", suite], state_dir)

    assert (done.exit_code, done.outcomes()) == (3, {"a": "error"}), done.stderr
    assert "no worker offers node>=999" in done.stdout


def test_what_a_worker_is_told_that_it_offers_counts(tmp_path: Path, state_dir: Path) -> None:
    suite = suite_for(tmp_path, {**plain_server(), "name": "t", "requires": ["net=egress"]}, "echo", echo_test("a"))
    assert run_command(["run", suite], state_dir, MCPF_ABILITIES="net=egress").exit_code == 0
