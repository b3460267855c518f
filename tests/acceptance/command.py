"""The command as a user has it: run it, read what it leaves."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harness.models.run import RunReport

COMMAND = str(Path(sys.executable).parent / "mcp-test-harness")


@dataclass(frozen=True)
class Finished:
    """What a finished command left: exit code, both streams, and its report where it wrote one."""

    exit_code: int
    stdout: str
    stderr: str
    report: RunReport | None

    def outcomes(self) -> dict[str, str | None]:
        """Outcome by the name of the test."""
        assert self.report is not None, self.stderr
        return {test.name: test.outcome for test in self.report.tests}


def environment(state_dir: Path, **extra: str) -> dict[str, str]:
    """The environment of a user who keeps the state in `state_dir`, without what a CI adds."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("MCPF_")}
    return {**env, "MCPF_STATE_DIR": str(state_dir), **extra}


def run_command(args: Sequence[str], state_dir: Path, timeout_s: float = 90, **env: str) -> Finished:
    """Run `mcp-test-harness ARGS` to its end. Reports go to `state_dir`/out when the arguments name no other place."""
    output = state_dir / "out"
    if args[0] in ("run", "test") and "--output" not in args and "--dry-run" not in args:
        args = [*args, "--output", str(output)]
    done = subprocess.run(
        [COMMAND, *args], capture_output=True, text=True, timeout=timeout_s, env=environment(state_dir, **env)
    )
    return Finished(done.returncode, done.stdout, done.stderr, read_report(output))


def read_report(output: Path) -> RunReport | None:
    """The JSON report in `output`, if there is one."""
    path = output / "report.json"
    return RunReport.model_validate_json(path.read_bytes()) if path.exists() else None


def write_suite(
    path: Path, server: Mapping[str, Any], tools: Mapping[str, Sequence[Mapping[str, Any]]], **top: Any
) -> Path:
    """Write a suite file: `tools` maps a tool to its tests."""
    suite = {
        "name": path.stem,
        "server": dict(server),
        "tools": [{"name": tool, "tests": [dict(test) for test in tests]} for tool, tests in tools.items()],
        **top,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(json.loads(json.dumps(suite)), sort_keys=False))
    return path


def echo_test(name: str, **more: Any) -> dict[str, Any]:
    """A test of `echo` that passes."""
    return {
        "name": name,
        "input": {"text": name},
        "expected": {"fields": [{"path": "$[0].text", "value": name}]},
        **more,
    }
