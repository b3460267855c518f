"""Who shares a session and a sandbox with whom, and when both go."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from harness.errors import BlobMissing
from harness.leasing import AttemptContext
from harness.models.suite import Isolation
from harness.pulse import Pulse
from tests.unit.workers.fakes import FakeOpener, plan_of, planned
from tests.waiting import wait_until
from workers.sessions import Limits, PoolKey, Sessions

PLAN = plan_of()
TEST = planned(0)


def test_tests_of_one_suite_in_one_run_share_a_session_and_a_sandbox() -> None:
    async def story(opener: FakeOpener, sessions: Sessions) -> None:
        async with sessions.lease(TEST, PLAN, _context()) as first:
            pass
        async with sessions.lease(planned(1), PLAN, _context()) as second:
            pass

        assert first.session is second.session and first.sandbox is second.sandbox
        assert (first.started_for_us, second.started_for_us) == (True, False)

    _play(story)


@pytest.mark.parametrize("other", [{"run_id": "r2"}, {"plan": "another"}])
def test_other_runs_and_suites_have_their_own(other: dict[str, str]) -> None:
    async def story(opener: FakeOpener, sessions: Sessions) -> None:
        async with sessions.lease(TEST, PLAN, _context()) as one:
            pass
        async with sessions.lease(TEST, PLAN, _context(**other)) as two:
            pass

        assert one.session is not two.session and one.sandbox is not two.sandbox

    _play(story)


def test_a_group_has_one_session_and_a_sandbox_until_it_ends() -> None:
    async def story(opener: FakeOpener, sessions: Sessions) -> None:
        members = [planned(n, group="g") for n in range(2)]
        seen = []
        for member in members:
            async with sessions.lease(member, PLAN, _context()) as leased:
                seen.append((leased.session, leased.sandbox))
        async with sessions.lease(TEST, PLAN, _context()) as outside:
            assert outside.sandbox is not seen[0][1]

        sessions.end_group(PoolKey("r1", "digest", "g", 1))

        assert seen[0] == seen[1]
        await _until(lambda: opener.removed == [seen[0][1]])
        assert opener.sessions[0].closed

    _play(story)


def test_a_group_that_starts_again_has_a_fresh_sandbox() -> None:
    async def story(opener: FakeOpener, sessions: Sessions) -> None:
        head = planned(0, group="g")
        async with sessions.lease(head, PLAN, _context()) as first:
            pass
        async with sessions.lease(head, PLAN, _context(lease=2)) as second:
            pass

        assert first.sandbox is not second.sandbox

    _play(story)


def test_a_fresh_test_closes_its_session_behind_it() -> None:
    async def story(opener: FakeOpener, sessions: Sessions) -> None:
        async with sessions.lease(TEST, PLAN, _context()) as shared:
            pass
        async with sessions.lease(planned(1, isolation=Isolation.FRESH), PLAN, _context()) as fresh:
            assert fresh.session is not shared.session and fresh.sandbox is shared.sandbox

        await _until(lambda: opener.sessions[1].closed)
        assert not opener.sessions[0].closed

    _play(story)


def test_a_retry_gets_a_session_of_its_own_and_leaves_the_warm_one_to_others() -> None:
    async def story(opener: FakeOpener, sessions: Sessions) -> None:
        async with sessions.lease(TEST, PLAN, _context()) as shared:
            pass
        async with sessions.lease(TEST, PLAN, _context(fresh=True)) as again:
            assert again.session is not shared.session and again.started_for_us
        async with sessions.lease_fresh(TEST, PLAN, _context(fresh=True)):
            pass

        await _until(lambda: [session.closed for session in opener.sessions] == [False, True, True])

    _play(story)


def test_a_retry_of_a_group_keeps_the_session_of_the_group() -> None:
    async def story(opener: FakeOpener, sessions: Sessions) -> None:
        for member in (planned(0, group="g"), planned(1, group="g")):
            async with sessions.lease(member, PLAN, _context(fresh=True)):
                pass

        assert len(opener.sessions) == 1

    _play(story)


def test_a_confirmation_gets_a_new_session_that_stays() -> None:
    async def story(opener: FakeOpener, sessions: Sessions) -> None:
        async with sessions.lease(TEST, PLAN, _context()) as shared:
            pass
        async with sessions.lease_fresh(TEST, PLAN, _context()) as fresh:
            assert fresh.session is not shared.session and fresh.started_for_us
        async with sessions.lease(TEST, PLAN, _context()) as next_one:
            assert next_one.session is fresh.session

    _play(story)


def test_a_session_that_was_left_by_an_exception_is_not_used_again() -> None:
    async def story(opener: FakeOpener, sessions: Sessions) -> None:
        with pytest.raises(RuntimeError):
            async with sessions.lease(TEST, PLAN, _context()):
                raise RuntimeError
        async with sessions.lease(TEST, PLAN, _context()) as leased:
            assert leased.session is opener.sessions[1]  # type: ignore[comparison-overlap]

        await _until(lambda: opener.sessions[0].closed)

    _play(story)


def test_over_the_limit_the_longest_idle_session_is_closed_but_never_a_groups() -> None:
    async def story(opener: FakeOpener, sessions: Sessions) -> None:
        async with sessions.lease(planned(0, group="g"), PLAN, _context()):
            pass
        for run in ("a", "b", "c"):
            async with sessions.lease(TEST, PLAN, _context(run_id=run)):
                pass

        await _until(lambda: opener.sessions[1].closed)
        await _until(lambda: opener.sessions[2].closed)
        assert [session.closed for session in opener.sessions] == [False, True, True, False]

    _play(story, total=2)


def test_what_nobody_uses_is_closed_and_its_sandbox_removed() -> None:
    async def story(opener: FakeOpener, sessions: Sessions) -> None:
        async with sessions.lease(TEST, PLAN, _context()) as leased:
            pass

        await _until(lambda: opener.removed == [leased.sandbox])
        assert opener.sessions[0].closed

    _play(story, idle_s=0.01)


def test_a_sandbox_that_cannot_be_made_is_the_fault_of_every_test_in_it() -> None:
    async def story(opener: FakeOpener, sessions: Sessions) -> None:
        opener.sandbox_fault = BlobMissing("no blob")
        for _ in range(2):
            with pytest.raises(BlobMissing):
                async with sessions.lease(TEST, PLAN, _context()):
                    pass
        await sessions.stop()
        assert opener.removed == []

    _play(story)


def test_stopping_closes_everything() -> None:
    async def story(opener: FakeOpener, sessions: Sessions) -> None:
        for test in (TEST, planned(1, group="g")):
            async with sessions.lease(test, PLAN, _context()):
                pass

        await sessions.stop()

        assert [session.closed for session in opener.sessions] == [True, True]
        assert sorted(map(str, opener.removed)) == sorted(map(str, opener.sandboxes))

    _play(story)


def _play(story: Callable[[FakeOpener, Sessions], Awaitable[None]], *, total: int = 8, idle_s: float = 30) -> None:
    async def run() -> None:
        opener = FakeOpener()
        sessions = Sessions(opener, Limits(per_target=2, total=total, idle_s=idle_s))
        sessions.start()
        await asyncio.wait_for(story(opener, sessions), 10)
        await sessions.stop()

    asyncio.run(run())


def _context(*, run_id: str = "r1", plan: str = "digest", lease: int = 1, fresh: bool = False) -> AttemptContext:
    return AttemptContext(run_id, lease, "w1", plan, "token", Pulse(), fresh=fresh)


async def _until(condition: Callable[[], Any]) -> None:
    await asyncio.to_thread(wait_until, condition)
