"""How a farm ends, and what is there when it starts again."""

import signal
from pathlib import Path

import httpx
import pytest

from tests.acceptance.farm.conftest import COMMAND, RunningFarm, is_alive, processes, serve, write_suite
from tests.conftest import CallLog, plain_server
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(300)


def descendants(pid: int) -> list[int]:
    """The process and all that came of it, as far as they are still its offspring."""
    parents = {one: int(Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[1]) for one in processes()}
    found, frontier = [pid], [pid]
    while frontier:
        frontier = [child for child, parent in parents.items() if parent in frontier]
        found += frontier
    return found


def start_a_long_run(farm: RunningFarm, folder: Path, log: CallLog) -> None:
    """Leave a test running that would take a minute."""
    tests = [{"tool": "sleep", "name": "long", "input": {"seconds": 60}}]
    run = farm.run(write_suite(folder, "long", plain_server(log), tests))
    try:
        wait_until(lambda: log.calls() >= 1, 60, "the test was not started")
    finally:
        run.kill()
        run.communicate()


def test_a_farm_that_was_told_to_end_leaves_nothing_and_knows_its_runs_and_keys_when_it_is_back(
    tmp_path: Path, call_log: CallLog
) -> None:
    farm = serve(tmp_path / "state", "--workers", "1")
    try:
        farm.wait_ready()
        key = farm.key
        start_a_long_run(farm, tmp_path / "suites", call_log)
        family = descendants(farm.process.pid)
        assert farm.stop() == 0
        wait_until(lambda: not [pid for pid in [*family, *call_log.starts()] if is_alive(pid)], 15, "left behind")
    finally:
        farm.destroy()

    again = serve(tmp_path / "state", "--workers", "1")
    try:
        again.url = ""
        wait_until(lambda: again.text().count("farm at ") == 2, 120, "no second start")
        again.wait_ready()
        assert again.text().count("admin key") == 1, "the key is shown once, ever"
        headers = {"Authorization": f"Bearer {key}"}
        runs = httpx.get(f"{again.url}/v1/runs", headers=headers, trust_env=False).json()
        assert [run["state"] for run in runs] == ["running"]
        wait_until(lambda: call_log.calls() >= 2, 120, "the test that was handed back was not started again")
    finally:
        again.destroy()


def test_a_farm_that_is_killed_leaves_nothing(tmp_path: Path, call_log: CallLog) -> None:
    farm = serve(tmp_path / "state", "--workers", "2")
    try:
        farm.wait_ready()
        start_a_long_run(farm, tmp_path / "suites", call_log)
        family = descendants(farm.process.pid)
        assert len(family) > 6
        farm.process.send_signal(signal.SIGKILL)
        wait_until(lambda: not [pid for pid in [*family, *call_log.starts()] if is_alive(pid)], 20, "left behind")
    finally:
        farm.destroy()


def test_a_port_that_is_taken_is_named_before_anything_starts(tmp_path: Path) -> None:
    farm = serve(tmp_path / "state")
    try:
        farm.wait_ready()
        port = farm.url.rpartition(":")[2]
        second = RunningFarm([COMMAND, "serve", "--port", port], tmp_path / "other")
        assert second.process.wait(60) == 2
        assert f"127.0.0.1:{port} is in use; choose another with --port" in second.text()
        third = serve(tmp_path / "state")
        assert third.process.wait(60) == 2
        assert "another farm runs in" in third.text()
    finally:
        farm.destroy()
