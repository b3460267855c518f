"""A whole farm as a user starts it, and what to ask it. Everything is stopped afterwards, whatever happened."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from harness.models.run import RunReport
from scheduler.operate.addresses import FILE
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
COMMAND = str(BIN / "mcp-test-harness")
START_S = 120.0
"""A machine that does eight other things needs this long for five interpreters."""


class RunningFarm:
    """A farm under test: `serve`, or `honcho start`, in a process group of its own."""

    def __init__(self, command: Sequence[str], state_dir: Path, **settings: str) -> None:
        self.state_dir = state_dir
        self.log = state_dir.parent / f"{state_dir.name}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=clean_environment(MCPF_STATE_DIR=str(state_dir), **settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.url = settings.get("URL", "")
        self._runs: list[subprocess.Popen[str]] = []

    def wait_ready(self) -> None:
        """Return when the API answers that it is ready."""
        wait_until(self._is_ready, START_S, f"the farm is not ready: {self.text()[-3000:]}")

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.text()
        self.url = self.url or "".join(re.findall(r"farm at (\S+),", self.text())[-1:])
        try:
            return bool(self.url) and httpx.get(f"{self.url}/ready", trust_env=False).is_success
        except httpx.TransportError:
            return False

    def text(self) -> str:
        """All that the farm has said."""
        return self.log.read_text()

    @property
    def key(self) -> str:
        """The admin key that was shown."""
        return re.findall(r"admin key, shown only now: (\S+)", self.text())[0]

    @property
    def redis_url(self) -> str:
        """Redis, with all rights."""
        return str(json.loads((self.state_dir / FILE).read_text())["redis_url"])

    @property
    def metrics_url(self) -> str:
        """Where the tests' metrics are."""
        port = re.findall(r"metrics on port (\d+)", self.text())[-1]
        return f"http://127.0.0.1:{port}/metrics"

    def pids(self, member: str) -> list[int]:
        """Processes of that name, in the order in which they were started."""
        lines = re.findall(r"\{.*\}", self.text())
        events = [json.loads(line) for line in lines if '"started"' in line]
        return [event["pid"] for event in events if event.get("member") == member]

    def kill(self, member: str) -> None:
        """kill -9 the current process of that name; return when another has taken its place."""
        before = self.pids(member)
        os.kill(before[-1], signal.SIGKILL)
        wait_until(lambda: len(self.pids(member)) > len(before), 60, f"{member} was not started again")

    def run(self, *arguments: str | Path, key: str | None = None) -> subprocess.Popen[str]:
        """`mcp-test-harness run --farm …` as a user starts it."""
        run = subprocess.Popen(
            [COMMAND, "run", "--farm", self.url, *map(str, arguments), "--output", str(self.state_dir.parent / "out")],
            env=clean_environment(MCPF_KEY=self.key if key is None else key),
            cwd=self.state_dir.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._runs.append(run)
        return run

    def ask(self, path: str) -> httpx.Response:
        """GET with the admin key."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.get(self.url + path, headers=headers, trust_env=False).raise_for_status()

    def newest_report(self) -> RunReport:
        """The report of the run that was submitted last."""
        newest = self.ask("/v1/runs?limit=1").json()[0]["run_id"]
        return RunReport.model_validate_json(self.ask(f"/v1/runs/{newest}/report").content)

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.terminate()
        return self.process.wait(30)

    def living(self) -> list[int]:
        """Processes of the farm's process group that live, of any kind."""
        return [pid for pid in processes() if group_of(pid) == self.process.pid]

    def destroy(self) -> None:
        """The end, whatever state it is in. kill -9 of the group: what else belongs to it must follow by itself."""
        for pid in self.living():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(10)
        for run in self._runs:
            run.kill()
            if run.stdout is not None and not run.stdout.closed:
                run.communicate()


def serve(state_dir: Path, *options: str, **settings: str) -> RunningFarm:
    """`mcp-test-harness serve` on free ports."""
    command = [COMMAND, "serve", "--port", "0", "--metrics-port", "0", *options]
    return RunningFarm(command, state_dir, **settings)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of this module's own."""
    return tmp_path_factory.mktemp("farm")


@pytest.fixture(scope="module")
def farm(place: Path) -> Iterator[RunningFarm]:
    """A farm with two workers and Flower that the tests of a module share."""
    settings = {"MCPF_IDLE_SESSION_S": "2", "MCPF_FLOWER_PORT": str(free_port())}
    running = serve(place / "state", "--workers", "2", "--flower", **settings)
    try:
        running.wait_ready()
        yield running
    finally:
        running.destroy()


def clean_environment(**settings: str) -> dict[str, str]:
    """Ours without the settings of a farm, and these."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("MCPF_", "FLOWER_"))}
    return ours | settings


def write_suite(folder: Path, name: str, server: dict[str, Any], tests: Sequence[dict[str, Any]], **more: Any) -> Path:
    """A suite file with these tests, each a TestCase with a key `tool`."""
    folder.mkdir(parents=True, exist_ok=True)
    tools: dict[str, list[dict[str, Any]]] = {}
    for test in tests:
        tools.setdefault(test["tool"], []).append({key: value for key, value in test.items() if key != "tool"})
    body = {
        "name": name,
        "server": server,
        "tools": [{"name": tool, "tests": of} for tool, of in tools.items()],
        **more,
    }
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(body))
    return file


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def processes() -> list[int]:
    """All processes that are not corpses."""
    found = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [pid for pid in found if is_alive(pid)]


def is_alive(pid: int) -> bool:
    """Whether the process exists and is not a corpse."""
    return _stat(pid)[0] not in "ZX"


def ancestors(pid: int) -> list[int]:
    """Parent, parent's parent, and so on."""
    found = []
    while (pid := int(_stat(pid)[1])) > 1:
        found.append(pid)
    return found


def group_of(pid: int) -> int:
    """The process group, -1 when the process is gone."""
    return int(_stat(pid)[2])


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["X", "-1", "-1"]
