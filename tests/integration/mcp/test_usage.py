"""What a server uses, as its keeper sees it."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from harness.mcp.meter import FIRST_LOOK_S
from harness.models.attempt import Usage
from tests.integration.mcp.scene import Scene, over_http, parent, play, script
from tests.processes import descendants
from tests.waiting import wait_until

MIB = 1024 * 1024


def test_what_some_calls_used_is_measured_with_all_that_the_server_started(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("hungry"))
        session.begin_usage()
        await session.measure()
        await session.call_tool("go", {"burn_s": 0.1, "children": 2}, timeout_s=20)
        await session.measure()
        usage = session.usage()
        assert usage is not None and usage.cpu_s is not None and usage.sampled
        assert 0.25 <= usage.cpu_s < 1.0, "its children have ended, and count"

    play(tmp_path, act)


def test_the_time_of_orphans_that_have_ended_counts(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("hungry"))
        session.begin_usage()
        await session.measure()
        await session.call_tool("go", {"burn_s": 0.1, "orphans": True}, timeout_s=20)
        keeper = parent(session.pid)
        await asyncio.to_thread(wait_until, lambda: len(descendants(keeper)) == 1, 20)
        await session.measure()
        usage = session.usage()
        assert usage is not None and usage.cpu_s is not None and 0.18 <= usage.cpu_s < 1.0

    play(tmp_path, act)


def test_a_call_that_lasts_is_looked_at_meanwhile(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("hungry"))
        await session.measure()
        rest = session.usage()
        session.begin_usage()
        await session.call_tool("go", {"mb": 50, "children": 3, "sleep_s": 10 * FIRST_LOOK_S}, timeout_s=20)
        usage = session.usage()
        assert rest is not None and rest.memory_peak_bytes is not None and rest.processes == 1
        assert usage is not None and usage.memory_peak_bytes is not None and usage.processes == 4
        grown = usage.memory_peak_bytes - rest.memory_peak_bytes
        assert 40 * MIB < grown < 90 * MIB, "what the four share counts once"

    play(tmp_path, act)


def test_calls_in_a_row_are_looked_at_once_and_what_is_known_goes_for_all_of_them(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("plain"))
        await session.measure()
        seen: list[Usage | None] = []
        for _ in range(20):
            session.begin_usage()
            await session.call_tool("echo", {"text": "x"}, timeout_s=5)
            seen.append(session.usage())
        assert seen[0] is not None and seen[0].processes == 1 and seen[0].cpu_s is None
        assert len({id(usage) for usage in seen}) == 1

    play(tmp_path, act)


@pytest.mark.parametrize("end", ["kill", "close"])
def test_a_server_that_is_gone_is_not_waited_for(tmp_path: Path, end: str) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("plain"))
        measuring = asyncio.create_task(session.measure())
        await asyncio.sleep(0)
        session.kill() if end == "kill" else await session.close()
        await asyncio.wait_for(measuring, 5)
        await asyncio.wait_for(session.measure(), 0.1)

    play(tmp_path, act)


def test_a_keeper_that_is_gone_is_not_waited_for_either(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await scene.keep("sleep", "60", env={"PATH": "/usr/bin:/bin"})
        keeper = parent(kept.pid)
        os.kill(keeper, signal.SIGSTOP)
        looking = kept.look()
        assert looking is not None
        os.kill(keeper, signal.SIGKILL)
        assert await asyncio.wait_for(looking, 5) is None

    play(tmp_path, act)


def test_a_server_of_ours_over_http_is_measured_and_what_it_wrote_to_stderr_comes_along(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(over_http("http_witness"))
        await session.measure()
        usage = session.usage()
        assert usage is not None and usage.memory_peak_bytes is not None and usage.memory_peak_bytes > MIB
        assert session.pid > 0

    play(tmp_path, act)
