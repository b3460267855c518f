"""Publishes what is ready, within the pool's window and each suite's cap: lease and state first, then Redis.

A crash after the commit leaves a lease without a message, which `recover` finds. The order within Redis is leases,
then messages: no worker sees a message before its lease.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.models.job import TestMessage
from scheduler.control.farm import Farm
from scheduler.control.tokens import derive_token, farm_secret
from scheduler.control.workforce import live_slots
from scheduler.plan.window import Demand, allot, window
from scheduler.store.database import pool_lock, run_lock
from scheduler.store.values import now_ms
from scheduler.store.work import Published, ReadyPlan, publish, ready_plans, units_in_flight
from workers.leases import queue_lease
from workers.messages import shard_queue, test_message_bytes

MAX_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction published of one suite."""

    plan: ReadyPlan
    tests: tuple[Published, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """One round of publishing. `backlog`: units in flight beyond what the live slots run at a time."""

    wanted: int = 0
    batches: tuple[Batch, ...] = ()
    backlog: int = 0

    @property
    def sent(self) -> int:
        """How many units were published."""
        return sum(test.is_head for batch in self.batches for test in batch.tests)


def dispatch(farm: Farm, run_id: str | None = None) -> int:
    """Publish ready tests of all runs in turn (or of `run_id` only), oldest first; tells how many units."""
    return sum(done.sent for done in dispatch_rounds(farm, run_id))


def dispatch_rounds(farm: Farm, run_id: str | None = None) -> list[Round]:
    """The same, round by round: when a suite had less than its turn, the rest is offered to the others."""
    rounds: list[Round] = []
    for _ in range(MAX_ROUNDS):
        rounds.append(publish_round(farm, run_id))
        push(farm, rounds[-1].batches)
        if rounds[-1].sent in (0, rounds[-1].wanted):
            break
    return rounds


def publish_round(farm: Farm, run_id: str | None = None) -> Round:
    """Commit one round of publishing. A crash before `push` is what `recover` mends."""
    pool = farm.settings.pool
    with farm.store.session() as session:
        if not ready_plans(session, pool, run_id):
            return Round()
    slots = live_slots(farm.redis, pool)
    with farm.store.writing(pool_lock(pool)) as session:
        busy = units_in_flight(session, pool)
        turns = _turns(ready_plans(session, pool, run_id), busy, window(slots))
        farm.store.lock(session, *{run_lock(plan.run_id) for plan in turns})
        now = now_ms()
        batches = tuple(
            Batch(plan, tuple(publish(session, plan.run_id, plan.plan, count, now))) for plan, count in turns.items()
        )
    in_flight = sum(busy.values()) + sum(turns.values())
    return Round(sum(turns.values()), batches, max(0, in_flight - slots))


def push(farm: Farm, batches: Sequence[Batch]) -> None:
    """Write the leases, then the messages, of what is committed as published."""
    if not any(batch.tests for batch in batches):
        return
    secret = farm_secret(farm)
    messages: dict[str, list[bytes]] = defaultdict(list)
    with farm.redis.pipeline(transaction=False) as pipe:
        for batch in batches:
            for test in batch.tests:
                queue_lease(pipe, batch.plan.run_id, test.number, test.lease)
                if test.is_head:
                    queue = shard_queue(farm.settings.pool, test.shard)
                    messages[queue].append(test_message_bytes(_message(secret, batch.plan, test), queue))
        for queue, entries in messages.items():
            pipe.lpush(queue, *entries)
        pipe.execute()


def _turns(ready: Sequence[ReadyPlan], busy: Mapping[tuple[str, int], int], size: int) -> dict[ReadyPlan, int]:
    """Whose turn it is: first over runs, then over the suites of each."""
    free = max(0, size - sum(busy.values()))
    runs: dict[str, list[ReadyPlan]] = defaultdict(list)
    for plan in ready:
        runs[plan.run_id].append(plan)
    shares = allot(free, [_demand_of_run(plans, busy) for plans in runs.values()])
    turns: dict[ReadyPlan, int] = {}
    for plans, share in zip(runs.values(), shares, strict=True):
        counts = allot(share, [Demand(busy.get((plan.run_id, plan.plan), 0), plan.cap) for plan in plans])
        turns |= {plan: count for plan, count in zip(plans, counts, strict=True) if count}
    return turns


def _demand_of_run(plans: Sequence[ReadyPlan], busy: Mapping[tuple[str, int], int]) -> Demand:
    in_flight = sum(count for (run_id, _), count in busy.items() if run_id == plans[0].run_id)
    room = sum(Demand(busy.get((plan.run_id, plan.plan), 0), plan.cap).room for plan in plans)
    return Demand(in_flight, in_flight + room)


def _message(secret: str, plan: ReadyPlan, test: Published) -> TestMessage:
    return TestMessage(
        run_id=plan.run_id,
        number=test.number,
        lease=test.lease,
        plan=plan.digest,
        test_id=test.test_id,
        token=derive_token(secret, plan.run_id),
    )
