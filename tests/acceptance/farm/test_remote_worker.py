"""The remote worker is really remote: it runs where nothing of the farm or of the suites can be seen.

Under bubblewrap it has an empty home, a private /tmp and a file system of Python, the libraries and the packages
`harness` and `workers`. It is told the address of Redis (with its ACL user) and of the API, and nothing else.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.models.outcomes import TestOutcome
from scheduler.operate.acl import WORKER_USER
from scheduler.operate.addresses import FILE
from scheduler.operate.embedded_redis import RedisServer, start_redis
from tests.acceptance.farm.conftest import COMMAND, ROOT, RunningFarm, clean_environment, free_port, serve, write_suite
from tests.conftest import SERVERS
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(300)

HOME = "/home/worker"
PYTHON = Path(sys.base_prefix)
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/hosts")
PROBE = """
import importlib.util, json, os, sys
print(json.dumps({
    "home": os.listdir(os.environ["HOME"]),
    "tmp": os.listdir("/tmp"),
    "seen": [path for path in sys.argv[1:] if os.path.exists(path)],
    "scheduler": importlib.util.find_spec("scheduler") is not None,
    "workers": importlib.util.find_spec("workers").origin,
    "environment": sorted(os.environ),
    "processes": len([name for name in os.listdir("/proc") if name.isdigit()]),
}))
"""


@pytest.fixture(scope="module")
def redis_on_tcp() -> Iterator[RedisServer]:
    with start_redis(port=free_port()) as server:
        server.wait_ready()
        yield server


@pytest.fixture(scope="module")
def lonely_farm(place: Path, redis_on_tcp: RedisServer) -> Iterator[RunningFarm]:
    """A farm without any worker of its own."""
    address = f"redis://:{redis_on_tcp.password}@127.0.0.1:{redis_on_tcp.port}/0"
    running = serve(place / "state", "--workers", "0", MCPF_REDIS_URL=address)
    try:
        running.wait_ready()
        yield running
    finally:
        running.destroy()


@pytest.fixture(scope="module")
def suites(place: Path) -> Path:
    """Two suites: one whose server is a file of the bundle and reads another, one that needs no file."""
    folder = place / "suites"
    folder.mkdir()
    program = (SERVERS / "plain.py").read_text()
    shutil.copy(SERVERS / "plain.py", folder / "server.py")
    (folder / "data.txt").write_text("from the bundle\n")
    write_suite(
        folder,
        "bundled",
        {"command": "python3", "args": ["-I", "-S", "${sandbox}/server.py"]},
        [
            {
                "tool": "read_file",
                "name": "data",
                "input": {"path": "${sandbox}/data.txt"},
                **text("from the bundle\n"),
            },
            {"tool": "read_file", "name": "absent", "input": {"path": "nowhere"}, "expected": {"error": True}},
        ],
        files=[{"source": "server.py"}, {"source": "data.txt"}],
    )
    write_suite(
        folder,
        "inline",
        {"command": "python3", "args": ["-I", "-S", "-c", program]},
        [
            {"tool": "echo", "name": "hello", "input": {"text": "hello"}, **text("hello")},
            {"tool": "fail", "name": "fails", "expected": {"error": True}},
        ],
    )
    return folder


def text(value: str) -> dict[str, Any]:
    return {"expected": {"fields": [{"path": "$[0].text", "value": value}]}}


class Bubble:
    """A place without the repository, in which programs of the worker's packages can run."""

    def __init__(self, packages: Path) -> None:
        packages.mkdir()
        for name in ("harness", "workers"):
            shutil.copytree(ROOT / name, packages / name, ignore=shutil.ignore_patterns("__pycache__"))
        self._packages = packages

    def command(self, *arguments: str) -> list[str]:
        """bwrap, and Python inside it with these arguments."""
        return ["bwrap", *self._view(), "--", f"{PYTHON}/bin/python3", *arguments]

    def environment(self, told: dict[str, str]) -> dict[str, str]:
        """The usual, and what the worker is told. Not on the command line: addresses hold passwords."""
        return {
            "HOME": HOME,
            "PATH": f"{PYTHON}/bin:/usr/bin:/bin",
            "PYTHONPATH": "/opt/packages:/opt/libraries",
            "LANG": "C.UTF-8",
            **told,
        }

    def _view(self) -> Sequence[str]:
        system = [word for path in SYSTEM for word in ("--ro-bind-try", path, path)]
        return [
            "--unshare-all",
            "--share-net",
            "--die-with-parent",
            *system,
            *("--ro-bind", str(PYTHON), str(PYTHON)),
            *("--ro-bind", sysconfig.get_path("purelib"), "/opt/libraries"),
            *("--ro-bind", str(self._packages), "/opt/packages"),
            *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--dir", HOME, "--chdir", HOME),
        ]


@pytest.fixture(scope="module")
def bubble(place: Path) -> Bubble:
    if shutil.which("bwrap") is None:
        if os.environ.get("CI"):
            pytest.fail("bubblewrap is missing, and CI must have it")
        pytest.skip("bubblewrap is not here (apt-get install bubblewrap)")
    return Bubble(place / "packages")


def addresses(farm: RunningFarm) -> dict[str, str]:
    """All that a remote worker is told."""
    written = json.loads((farm.state_dir / FILE).read_text())
    return {"MCPF_REDIS_URL": written["worker_redis_url"], "MCPF_API_URL": farm.url}


def test_what_the_remote_worker_can_see(lonely_farm: RunningFarm, suites: Path, bubble: Bubble) -> None:
    hidden = [str(path) for path in (ROOT, suites, lonely_farm.state_dir, lonely_farm.state_dir / "farm.db", SERVERS)]
    assert all(Path(path).exists() for path in hidden)
    answer = subprocess.run(
        bubble.command("-c", PROBE, *hidden),
        env=bubble.environment(addresses(lonely_farm)),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = json.loads(answer.stdout)
    assert found["seen"] == []
    assert found["home"] == []
    assert found["tmp"] == []
    assert not found["scheduler"]
    assert found["workers"] == "/opt/packages/workers/__init__.py"
    assert set(found["environment"]) - {"PWD", "LC_CTYPE"} == {
        *("HOME", "PATH", "PYTHONPATH", "LANG"),
        *("MCPF_REDIS_URL", "MCPF_API_URL"),
    }
    assert found["processes"] <= 2


def test_what_it_is_told_is_an_address_on_the_network_with_the_users_own_name(lonely_farm: RunningFarm) -> None:
    told = addresses(lonely_farm)
    assert told["MCPF_REDIS_URL"].startswith(f"redis://{WORKER_USER}:")
    assert "@127.0.0.1:" in told["MCPF_REDIS_URL"]


def test_suites_that_pass_here_pass_on_a_remote_worker_alone(
    lonely_farm: RunningFarm, suites: Path, bubble: Bubble, place: Path
) -> None:
    here = subprocess.run(
        [COMMAND, "run", str(suites)],
        cwd=place,
        env=clean_environment(MCPF_STATE_DIR=str(place / "here")),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert here.returncode == 0, here.stdout + here.stderr

    run = lonely_farm.run(suites)
    wait_until(lambda: lonely_farm.ask("/v1/runs").json(), 60, "nothing was submitted")
    assert lonely_farm.newest_report().run.open == 4, "nobody is there to run it"
    with (place / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            bubble.command("-m", "workers", "--die-with-stdin"),
            env=bubble.environment(addresses(lonely_farm)),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
    try:
        said, _ = run.communicate(timeout=180)
        assert run.returncode == 0, said + (place / "worker.log").read_text()
    finally:
        assert worker.stdin is not None
        worker.stdin.close()
        assert worker.wait(30) == 0
    report = lonely_farm.newest_report()
    assert report.run.totals == {TestOutcome.PASSED: 4}
    assert {test.attempts[0].record.worker for test in report.tests} == {report.tests[0].attempts[0].record.worker}
