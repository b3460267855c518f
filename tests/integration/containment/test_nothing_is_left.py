"""Whatever a server starts is gone when its session ends, and when its worker is killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.containment.kept import Line
from harness.containment.launcher import start_launcher
from harness.containment.start import ServerStart
from harness.errors import CallTimeout
from tests.integration.mcp.scene import Scene, inhabitants, parent, play, script
from tests.processes import alive, descendants
from tests.waiting import wait_until


def living(pids: set[int]) -> set[int]:
    return {pid for pid in pids if alive(pid)}


def test_resessioned_and_double_forked_children_are_gone_after_close(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("brood"))
        await session.call_tool("go", {}, timeout_s=10)
        brood = descendants(scene.launcher.pid)
        assert len(brood) >= 6
        await session.close()
        assert not inhabitants(tmp_path)
        wait_until(lambda: not living(brood), 1, "a keeper outlives its server")

    play(tmp_path, act)


def test_the_report_counts_what_a_server_left_over(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await scene.keep("/bin/sh", "-c", "sleep 300 & sleep 300 & read line")
        kept.send(b"go\n")
        assert await kept.wait_ended(3)
        assert kept.exit is not None
        assert (kept.exit.code, kept.exit.ended_by, kept.exit.left_over, kept.exit.survivors) == (0, "", 2, 0)

    play(tmp_path, act)


def test_a_server_that_ignores_the_end_of_stdin_and_sigterm_is_gone_soon(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("deaf"))
        started = time.monotonic()
        session.retire()
        assert time.monotonic() - started < 0.05, "closing is not off the critical path"
        await session.close()
        assert 1.1 < time.monotonic() - started < 2.0
        assert not alive(session.pid)

    play(tmp_path, act)


def test_a_server_that_ends_with_its_stdin_is_not_signalled(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await scene.keep("/bin/sh", "-c", "trap 'exit 9' TERM; cat; exit 5")
        kept.close()
        assert await kept.wait_ended(3)
        assert kept.exit is not None and (kept.exit.code, kept.exit.ended_by) == (5, "close")

    play(tmp_path, act)


def test_sigterm_comes_when_the_end_of_stdin_does_not_help(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        started = time.monotonic()
        kept = await scene.keep("/bin/sh", "-c", "trap 'exit 9' TERM; while true; do sleep 0.05; done")
        kept.close()
        assert await kept.wait_ended(3)
        assert kept.exit is not None and kept.exit.code == 9
        assert 0.2 < time.monotonic() - started < 1.0

    play(tmp_path, act)


@contextmanager
def owner(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A worker with two servers that work below `folder`, and the pid of its launcher."""
    module = "tests.integration.containment.owner"
    with subprocess.Popen([sys.executable, "-m", module, str(folder)], stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        try:
            yield worker, int(worker.stdout.readline())
        finally:
            worker.kill()


def test_everything_is_gone_after_kill_9_of_the_worker(tmp_path: Path) -> None:
    with owner(tmp_path) as (worker, launcher):
        others = descendants(launcher)
        assert len(others) >= 8 and len(inhabitants(tmp_path)) >= 4
        worker.kill()
        wait_until(lambda: not living(others | {launcher}), 5, "processes outlive their worker")
        assert not inhabitants(tmp_path)


def test_everything_is_gone_after_kill_9_of_launcher_and_worker(tmp_path: Path) -> None:
    with owner(tmp_path) as (worker, launcher):
        keepers = {pid for pid in descendants(launcher) if parent(pid) == launcher}
        os.kill(launcher, signal.SIGKILL)
        wait_until(lambda: not alive(launcher), 3)
        assert living(keepers) == keepers and len(keepers) == 2
        worker.kill()
        wait_until(lambda: not living(keepers), 5, "keepers outlive their worker")
        assert not inhabitants(tmp_path)


def test_what_a_killed_keeper_held_is_ended_by_the_launcher(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("brood"))
        other = await scene.open(script("plain"))
        await session.call_tool("go", {}, timeout_s=10)
        keeper = parent(session.pid)
        held = descendants(keeper)
        os.kill(keeper, signal.SIGKILL)
        wait_until(lambda: not living(held), 5, "orphans of a keeper live on")
        assert inhabitants(tmp_path) == {other.pid}
        await session.close()
        assert (await other.call_tool("echo", {"text": "x"}, timeout_s=5)).answer.result is not None

    play(tmp_path, act)


def test_a_server_that_stops_its_keeper_is_gone_soon_after_its_call_timed_out(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("stopper"))
        keeper = parent(session.pid)
        with pytest.raises(CallTimeout):
            await session.call_tool("go", {}, timeout_s=0.2)
        await session.close()
        wait_until(lambda: not living({session.pid, keeper}), 5, "a stopped keeper lives on")

    play(tmp_path, act)


def test_a_stopped_keeper_is_killed_and_no_other(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept, other = await scene.keep("/bin/sleep", "60"), await scene.keep("/bin/cat")
        keeper = parent(kept.pid)
        os.kill(keeper, signal.SIGSTOP)
        kept.abandon()
        wait_until(lambda: not living({kept.pid, keeper}), 5, "a stopped keeper lives on")
        other.send(b"x\n")
        assert isinstance(await other.receive(), Line)

    play(tmp_path, act)


def test_a_stopped_keeper_does_not_outlive_its_worker(tmp_path: Path) -> None:
    with owner(tmp_path) as (worker, launcher):
        others = descendants(launcher)
        for keeper in (pid for pid in others if parent(pid) == launcher):
            os.kill(keeper, signal.SIGSTOP)
        worker.kill()
        wait_until(lambda: not living(others | {launcher}), 10, "processes outlive their worker")
        assert not inhabitants(tmp_path)


def test_a_launcher_that_died_is_started_again(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("plain"))
        dead = scene.launcher.pid
        os.kill(dead, signal.SIGKILL)
        wait_until(lambda: not alive(dead), 3)
        other = await scene.open(script("plain"))
        assert scene.launcher.pid != dead
        for each in (session, other):
            await each.call_tool("echo", {"text": "x"}, timeout_s=5)

    play(tmp_path, act)


def test_closing_the_launcher_ends_all_servers_even_without_a_loop(tmp_path: Path) -> None:
    launcher = start_launcher()
    loop = asyncio.new_event_loop()
    kept = loop.run_until_complete(launcher.start_server(ServerStart("/bin/sleep", ("60",), {}, str(tmp_path))))
    started = time.monotonic()
    launcher.close()
    assert time.monotonic() - started < 2
    assert not alive(launcher.pid) and not alive(kept.pid)
    loop.run_until_complete(kept.wait_ended(3))
    loop.close()


def test_a_server_has_three_descriptors_and_only_what_it_is_given(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        secret, _ = os.pipe()
        os.set_inheritable(secret, True)
        session = await scene.open(script("mirror", env={"A": "1"}))
        answer = (await session.call_tool("go", {}, timeout_s=5)).answer
        os.close(secret)
        assert answer.result is not None
        seen = json.loads(answer.result["content"][0]["text"])
        assert seen["fds"] == [0, 1, 2]
        assert seen["leads_group"] and seen["leads_session"]
        ignored = int(seen["ignored_signals"][0], 16)
        assert ignored & (1 << (signal.SIGCHLD - 1)) == 0 and ignored & (1 << (signal.SIGTERM - 1)) == 0

    play(tmp_path, act)


def test_an_empty_environment_is_empty(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await scene.keep("/bin/cat", "/proc/self/environ")
        assert await kept.receive() is None
        assert kept.exit is not None and kept.exit.unfinished_bytes == 0

    play(tmp_path, act)
