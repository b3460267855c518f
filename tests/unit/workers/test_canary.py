"""Which attempts call for a canary, how many canaries that costs, and what a dead one leads to."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from harness.models.attempt import AttemptRecord, Cause
from harness.models.outcomes import AttemptOutcome, CauseKind
from tests.unit.workers.fakes import FakeOpener
from workers.canary import UNEXPLAINED, Canary, Checkup
from workers.sickness import SICK_ERRORS, Sickness


class Bench:
    """A check-up among fakes; the clock stands still."""

    def __init__(self) -> None:
        self.opener = FakeOpener()
        self.said: list[str] = []
        self.now = 0.0
        self.checkup = Checkup(
            Canary(self.opener), Sickness(lambda: self.now), lambda reason, **_: self.said.append(reason)
        )

    async def look(self, kind: CauseKind | None, target: str = "p/t") -> str:
        return await self.checkup.trouble(_record(kind), target)


def test_a_hundred_errors_of_a_broken_target_cost_one_canary() -> None:
    async def story() -> None:
        bench = Bench()

        troubles = await asyncio.gather(*(bench.look(CauseKind.SERVER_UNAVAILABLE) for _ in range(50)))
        troubles += [await bench.look(CauseKind.SERVER_UNAVAILABLE) for _ in range(50)]

        assert set(troubles) == {""} and bench.said == []
        assert len(bench.opener.sessions) == 1 and bench.opener.sessions[0].closed
        assert bench.opener.removed == bench.opener.sandboxes

    asyncio.run(story())


@pytest.mark.parametrize("kind", [None, *sorted(set(CauseKind) - UNEXPLAINED)])
def test_what_a_server_explains_costs_no_canary(kind: CauseKind | None) -> None:
    async def story() -> None:
        bench = Bench()
        assert await bench.look(kind) == "" and bench.opener.tries == 0

    asyncio.run(story())


@pytest.mark.parametrize("kind", sorted(UNEXPLAINED))
def test_a_dead_canary_says_what_is_wrong_and_leaves_no_sandbox(kind: CauseKind) -> None:
    async def story() -> None:
        bench = Bench()
        bench.opener.broken = True

        assert await bench.look(kind) == "it does not start"
        assert bench.opener.removed == bench.opener.sandboxes

    asyncio.run(story())


def test_a_worker_whose_canaries_die_over_two_targets_reports_sick() -> None:
    async def story() -> None:
        bench = Bench()
        bench.opener.broken = True

        for number in range(SICK_ERRORS - 1):
            await bench.look(CauseKind.SERVER_UNAVAILABLE, f"p/t{number % 2}")
        assert bench.said == []
        await bench.look(CauseKind.HARNESS, "p/t0")

        assert bench.said == ["it can start no server any more"]

    asyncio.run(story())


def _record(kind: CauseKind | None) -> AttemptRecord:
    now = datetime.now(UTC)
    head: dict[str, Any] = {"run_id": "r1", "number": 0, "test_id": "x", "lease": 1, "worker": "w1"}
    outcome = AttemptOutcome.ERROR if kind else AttemptOutcome.PASSED
    return AttemptRecord(**head, outcome=outcome, cause=kind and Cause(kind=kind), started_at=now, ended_at=now)
