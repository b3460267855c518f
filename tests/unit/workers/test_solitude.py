"""The gate before a test: together with others, or alone; first come, first served."""

import asyncio
import random

import pytest

from workers.solitude import GateClosed, Solitude


def test_many_may_be_inside_together() -> None:
    async def story() -> None:
        gate = Solitude()
        for _ in range(3):
            await asyncio.wait_for(gate.enter(), 1)

    asyncio.run(story())


def test_who_wants_to_be_alone_waits_for_all_and_holds_up_who_comes_later() -> None:
    async def story() -> None:
        gate = Solitude()
        await gate.enter()
        alone, later = asyncio.create_task(gate.enter_alone()), asyncio.create_task(gate.enter())
        await _turns()
        assert not alone.done() and not later.done()

        gate.leave()
        await _turns()
        assert alone.done() and not later.done()

        gate.leave()
        await _turns()
        assert later.done()

    asyncio.run(story())


def test_who_gives_up_waiting_lets_the_others_pass() -> None:
    async def story() -> None:
        gate = Solitude()
        await gate.enter()
        alone, later = asyncio.create_task(gate.enter_alone()), asyncio.create_task(gate.enter())
        await _turns()

        alone.cancel()
        await _turns()

        assert later.done()

    asyncio.run(story())


def test_who_gives_up_in_the_moment_of_its_turn_leaves_nothing_behind() -> None:
    async def story() -> None:
        gate = Solitude()
        await gate.enter()
        alone, later = asyncio.create_task(gate.enter_alone()), asyncio.create_task(gate.enter())
        await _turns()

        gate.leave()
        alone.cancel()
        await _turns()

        assert alone.cancelled() and later.done()

    asyncio.run(story())


def test_a_closed_gate_turns_away_who_waits_and_who_comes() -> None:
    async def story() -> None:
        gate = Solitude()
        await gate.enter_alone()
        waiting = asyncio.create_task(gate.enter())
        await _turns()

        gate.close()

        with pytest.raises(GateClosed):
            await waiting
        with pytest.raises(GateClosed):
            await gate.enter()

    asyncio.run(story())


@pytest.mark.parametrize("seed", range(20))
def test_nobody_is_ever_beside_one_who_is_alone_and_all_get_in(seed: int) -> None:
    async def story() -> None:
        gate, dice = Solitude(), random.Random(seed)
        inside: list[bool] = []
        passed = 0

        async def visit(alone: bool, turns: int) -> None:
            nonlocal passed
            await (gate.enter_alone() if alone else gate.enter())
            inside.append(alone)
            assert len(inside) == 1 or not any(inside)
            await _turns(turns)
            inside.remove(alone)
            gate.leave()
            passed += 1

        visits = [asyncio.create_task(visit(dice.random() < 0.3, dice.randrange(5))) for _ in range(60)]
        await _turns(dice.randrange(20))
        gone = [visit for visit in dice.sample(visits, 10) if not visit.done()]
        for visit_task in gone[:3]:
            if not inside:
                visit_task.cancel()
        ended = await asyncio.wait_for(asyncio.gather(*visits, return_exceptions=True), 10)
        assert passed == ended.count(None) >= 57

    asyncio.run(story())


async def _turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)
