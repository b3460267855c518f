"""`honcho start`: the same farm from the Procfile, with Flower to look at."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.farm.conftest import BIN, ROOT, RunningFarm, free_port, is_alive, processes, write_suite
from tests.conftest import plain_server
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(300)

LOGIN = ("operator", "only-for-this-test")
MEMBERS = ["api", "beat", "control", "flower", "worker"]


class Honcho(RunningFarm):
    """A farm from the Procfile, and its Flower."""

    def __init__(self, state_dir: Path) -> None:
        api, metrics, flower = free_port(), free_port(), free_port()
        super().__init__(
            [str(BIN / "honcho"), "start"],
            state_dir,
            URL=f"http://127.0.0.1:{api}",
            MCPF_API_PORT=str(api),
            MCPF_METRICS_PORT=str(metrics),
            MCPF_FLOWER_PORT=str(flower),
            MCPF_FLOWER_AUTH=":".join(LOGIN),
        )
        self.flower = f"http://127.0.0.1:{flower}"

    def shown(self, path: str) -> httpx.Response | None:
        """What Flower answers, None when it does not (yet)."""
        try:
            return httpx.get(self.flower + path, auth=LOGIN, trust_env=False)
        except httpx.TransportError:
            return None


@pytest.fixture(scope="module")
def honcho(place: Path) -> Iterator[Honcho]:
    running = Honcho(place / "state")
    try:
        running.wait_ready()
        wait_until(lambda: running.shown("/"), 120, "Flower does not answer")
        family = family_of(running)
        assert len(family) >= 11, "honcho, five supervisors and their five members"
        yield running
        running.stop()
        wait_until(lambda: not [pid for pid in family if is_alive(pid)], 20, "left behind")
    finally:
        running.destroy()
        wait_until(lambda: not family_of(running), 20, "left behind")


def family_of(running: Honcho) -> list[int]:
    """All processes of this farm, by what stands in their environment."""
    marks = (f"MCPF_STATE_DIR={running.state_dir}".encode(), f"MCPF_API_URL={running.url}".encode())
    return [pid for pid in processes() if any(mark in environment_of(pid) for mark in marks)]


def environment_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""


def test_the_five_processes_of_the_procfile_run(honcho: Honcho) -> None:
    lines = (ROOT / "Procfile").read_text().splitlines()
    assert sorted(line.partition(":")[0] for line in lines) == MEMBERS
    assert all(f"{name}.1 started" in honcho.text() for name in MEMBERS)


def test_flower_names_the_tests_that_ran(honcho: Honcho, tmp_path: Path) -> None:
    tests = [{"tool": "echo", "name": name, "input": {"text": name}} for name in ("first", "second")]
    wait_until(lambda: "worker@" in str(honcho.shown("/api/workers") and honcho.shown("/api/workers").text), 60)  # type: ignore[union-attr]
    run = honcho.run(write_suite(tmp_path / "suites", "seen", plain_server(), tests))
    said, _ = run.communicate(timeout=120)
    assert run.returncode == 0, said

    def names() -> set[str]:
        answer = honcho.shown("/api/tasks")
        return {task["args"] for task in answer.json().values()} if answer is not None else set()

    expected = {f"default/seen/seen/echo/{name}" for name in ("first", "second")}
    wait_until(lambda: expected <= names(), 30, f"Flower knows only {names()}")


def test_flower_wants_its_password(honcho: Honcho) -> None:
    for path in ("/", "/api/tasks", "/api/workers"):
        assert httpx.get(honcho.flower + path, trust_env=False).status_code == 401


def test_a_worker_of_the_procfile_knows_nothing_of_the_farm_but_its_own_user(honcho: Honcho) -> None:
    command = [pid for pid in processes() if b"workers\0--die-with-stdin" in command_of(pid)]
    ours = [pid for pid in command if honcho.url.encode() in environment_of(pid)]
    assert ours
    for pid in ours:
        told = environment_of(pid).decode().split("\0")
        address = next(line for line in told if line.startswith("MCPF_REDIS_URL="))
        assert address.startswith("MCPF_REDIS_URL=unix://worker:")
        assert not [line for line in told if line.startswith(("MCPF_DATABASE_URL", "MCPF_STATE_DIR", "MCPF_FLOWER"))]


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
