"""The sessions of one suite: reused, capped, fair, and not tried for ever when the server does not start."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from harness.errors import InstallFailed, ServerUnavailable
from tests.unit.workers.fakes import FakeOpener
from workers.session_pool import FAILURE_MEMORY_S, SessionPool, StartFailures


def test_a_released_session_is_used_again() -> None:
    async def story(opener: FakeOpener, pool: SessionPool) -> None:
        first = await pool.acquire()
        pool.release(first)

        assert await pool.acquire() is first
        assert opener.tries == 1

    _play(story)


def test_the_one_used_last_is_used_first() -> None:
    async def story(opener: FakeOpener, pool: SessionPool) -> None:
        first, second = await pool.acquire(), await pool.acquire()
        pool.release(second)
        pool.release(first)

        assert await pool.acquire() is first
        assert pool.oldest_idle is second

    _play(story)


def test_beyond_the_cap_tests_wait_and_are_served_in_their_order() -> None:
    async def story(opener: FakeOpener, pool: SessionPool) -> None:
        held = [await pool.acquire(), await pool.acquire()]
        waiting = [asyncio.create_task(pool.acquire()) for _ in range(3)]
        await asyncio.sleep(0)

        pool.release(held[0])
        assert await waiting[0] is held[0]
        pool.release(held[1])
        assert await waiting[1] is held[1]

        assert not waiting[2].done() and opener.tries == 2
        waiting[2].cancel()

    _play(story)


def test_a_dead_session_is_replaced_before_anybody_gets_it() -> None:
    async def story(opener: FakeOpener, pool: SessionPool) -> None:
        slot = await pool.acquire()
        pool.release(slot)
        opener.sessions[0].alive = False

        again = await pool.acquire()

        assert again is not slot and again.session.alive
        assert pool.size == 1

    _play(story)


def test_a_session_that_dies_in_use_lets_a_waiting_test_open_another() -> None:
    async def story(opener: FakeOpener, pool: SessionPool) -> None:
        held = [await pool.acquire(), await pool.acquire()]
        waiting = asyncio.create_task(pool.acquire())
        await asyncio.sleep(0)

        pool.close_slot(held[0])

        assert (await waiting).session is opener.sessions[2]

    _play(story)


def test_a_fresh_session_makes_room_by_closing_an_idle_one() -> None:
    async def story(opener: FakeOpener, pool: SessionPool) -> None:
        held, idle = await pool.acquire(), await pool.acquire()
        pool.release(idle)

        fresh = await pool.acquire_fresh()

        assert fresh.uses == 0 and fresh not in (held, idle)
        await pool.wait_closed()
        assert opener.sessions[1].closed and pool.size == 2

    _play(story)


def test_a_fresh_session_waits_for_a_busy_one_and_takes_its_place() -> None:
    async def story(opener: FakeOpener, pool: SessionPool) -> None:
        held = [await pool.acquire(), await pool.acquire()]
        waiting = asyncio.create_task(pool.acquire_fresh())
        await asyncio.sleep(0)

        pool.release(held[0])

        assert (await waiting).session is opener.sessions[2]
        assert pool.size == 2

    _play(story)


def test_a_start_that_fails_ends_all_who_wait_and_is_not_repeated_at_once() -> None:
    async def story(opener: FakeOpener, pool: SessionPool) -> None:
        opener.broken, opener.gate = True, asyncio.Event()
        tests = [asyncio.create_task(pool.acquire()) for _ in range(20)]
        await asyncio.sleep(0)
        opener.gate.set()

        results = await asyncio.gather(*tests, return_exceptions=True)

        assert all(isinstance(result, ServerUnavailable) for result in results)
        assert {getattr(result, "stderr_tail", "") for result in results} == {"no such module"}
        assert opener.tries == 2
        with pytest.raises(ServerUnavailable):
            await pool.acquire()
        assert opener.tries == 2

    _play(story)


def test_a_server_is_tried_again_after_a_few_seconds() -> None:
    failures = StartFailures()

    async def story(opener: FakeOpener, pool: SessionPool) -> None:
        opener.broken = True
        with pytest.raises(ServerUnavailable):
            await pool.acquire()
        opener.broken = False
        failures.until = time.monotonic() - 1

        assert (await pool.acquire()).session.alive
        assert failures.recent is None

    assert FAILURE_MEMORY_S < 10
    _play(story, failures)


def test_a_remembered_failure_is_of_the_kind_that_it_was() -> None:
    failures = StartFailures()
    failures.remember(InstallFailed("no such version", stderr_tail="404"))
    assert (type(failures.recent), str(failures.recent)) == (InstallFailed, "no such version")


def test_a_second_session_that_does_not_start_leaves_the_first_to_all() -> None:
    async def story(opener: FakeOpener, pool: SessionPool) -> None:
        only = await pool.acquire()
        opener.broken = True
        waiting = asyncio.create_task(pool.acquire())
        await asyncio.sleep(0.01)

        pool.release(only)

        assert await waiting is only

    _play(story)


def test_a_test_that_is_cancelled_while_it_waits_costs_nobody_a_session() -> None:
    async def story(opener: FakeOpener, pool: SessionPool) -> None:
        held = [await pool.acquire(), await pool.acquire()]
        first, second = asyncio.create_task(pool.acquire()), asyncio.create_task(pool.acquire())
        await asyncio.sleep(0)

        pool.release(held[0])  # handed to the first ...
        first.cancel()  # ... which is cancelled before it can take it

        assert await second is held[0]
        assert first.cancelled() or first.done()

    _play(story)


def test_only_what_was_idle_too_long_or_died_is_closed() -> None:
    async def story(opener: FakeOpener, pool: SessionPool) -> None:
        first, second = await pool.acquire(), await pool.acquire()
        pool.release(first)
        pool.release(second)
        first.idle_since = time.monotonic() - 100

        pool.close_idle(time.monotonic() - 50)

        assert pool.size == 1 and pool.oldest_idle is second
        opener.sessions[1].alive = False
        pool.close_idle(time.monotonic() - 50)
        assert pool.is_unused

    _play(story)


def _play(story: Any, failures: StartFailures | None = None, cap: int = 2) -> None:
    async def run() -> None:
        opener = FakeOpener()
        pool = SessionPool(opener.open_session, cap=cap, failures=failures or StartFailures())
        told: Coroutine[Any, Any, None] = story(opener, pool)
        await asyncio.wait_for(told, 5)

    asyncio.run(run())
