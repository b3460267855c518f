"""The pulse of a loop: stalls are seen afterwards on the loop, and at once from another thread."""

import asyncio
import time

from harness.pulse import Pulse


def test_a_stall_is_seen_by_those_it_touched_and_by_nobody_else() -> None:
    async def stall() -> None:
        pulse = Pulse()
        pulse.start()
        before = time.monotonic()
        time.sleep(0.15)  # noqa: ASYNC251 - the stall is what this is about
        during = pulse.longest_gap_s(before)
        await asyncio.sleep(0.03)
        after = time.monotonic()

        assert during > 0.1
        assert pulse.longest_gap_s(before) > 0.1
        assert pulse.longest_gap_s(after) < 0.1
        pulse.stop()

    asyncio.run(stall())


def test_another_thread_sees_a_loop_that_stands_still() -> None:
    async def stand_still() -> float:
        pulse = Pulse()
        pulse.start()
        await asyncio.sleep(0.05)
        asker = asyncio.create_task(asyncio.to_thread(_wait_for_silence, pulse))
        await asyncio.sleep(0)
        time.sleep(0.3)  # noqa: ASYNC251 - the stall is what this is about
        return await asker

    assert asyncio.run(stand_still()) > 0.1


def _wait_for_silence(pulse: Pulse) -> float:
    deadline = time.monotonic() + 5
    while pulse.silent_s <= 0.1 and time.monotonic() < deadline:
        time.sleep(0.005)
    return pulse.silent_s
