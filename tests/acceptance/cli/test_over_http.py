"""Servers that are reached over HTTP, and limits on what a server uses, through the whole command."""

import sys
from pathlib import Path
from typing import Any

from tests.acceptance.cli.test_examples_can_fail import EXAMPLES, path_with_servers
from tests.acceptance.command import run_command, write_suite
from tests.acceptance.public.shim import REPOSITORY
from tests.conftest import SERVERS, require


def test_everything_has_the_same_outcomes_over_http_as_over_stdio(state_dir: Path) -> None:
    require(REPOSITORY / ".servers" / "node" / "installed")
    suites = [str(EXAMPLES / f"{name}.yaml") for name in ("everything", "everything-http")]

    done = run_command(["run", *suites], state_dir, PATH=path_with_servers())

    assert done.report is not None, done.stderr
    over: dict[str, dict[str, str | None]] = {"everything": {}, "everything-http": {}}
    for test in done.report.tests:
        over[test.suite][test.test_id.split("/", 3)[3]] = test.outcome
    assert over["everything-http"] == over["everything"]
    assert len(over["everything"]) > 40 and set(over["everything"].values()) == {"passed"}


def test_what_a_server_uses_is_told_and_held_against_its_limits(tmp_path: Path, state_dir: Path) -> None:
    def test_of(name: str, **limits: float) -> dict[str, Any]:
        return {"name": name, "input": {"mb": 60, "burn_s": 0.3, "sleep_s": 0.3}, "performance": limits}

    server = {"command": sys.executable, "args": ["-E", "-S", str(SERVERS / "hungry.py")]}
    tests = [
        test_of("within", max_memory_mb=500, max_cpu_seconds=20, max_cpu_percent=1000),
        test_of("memory", max_memory_mb=40),
        test_of("time", max_cpu_seconds=0.2),
        test_of("share", max_cpu_percent=1),
    ]
    suite = write_suite(tmp_path / "s.yaml", server, {"go": tests})

    done = run_command(["run", str(suite)], state_dir)

    assert done.outcomes() == {"within": "passed", "memory": "failed", "time": "failed", "share": "failed"}
    assert done.report is not None
    checks = {test.name: [failure.path for failure in test.attempts[-1].record.failures] for test in done.report.tests}
    assert checks == {
        "within": [],
        "memory": ["max_memory_mb"],
        "time": ["max_cpu_seconds"],
        "share": ["max_cpu_percent"],
    }
    usages = [test.attempts[-1].record.usage for test in done.report.tests]
    assert all(usage and usage.cpu_s and usage.cpu_s >= 0.25 for usage in usages)
    assert all(usage and usage.memory_peak_bytes and usage.memory_peak_bytes > 55 * 2**20 for usage in usages)


def test_a_server_that_is_not_there_is_one_cause_with_exit_code_3(tmp_path: Path, state_dir: Path) -> None:
    server = {"url": "http://127.0.0.1:9/mcp", "bearer_token": "x"}
    suite = write_suite(tmp_path / "s.yaml", server, {"go": [{"name": "a"}, {"name": "b"}]})

    done = run_command(["run", str(suite)], state_dir)

    assert done.exit_code == 3, done.stderr
    assert "http://127.0.0.1:9/mcp cannot be reached" in done.stdout
