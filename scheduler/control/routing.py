"""Which queue a message goes to, and what it asks of its worker: another one for what was lost, peace for suspects."""

import hashlib
from collections.abc import Mapping

from harness.models.job import TestMessage
from harness.models.run import Lane
from scheduler.state.machine import MAX_LOSSES
from scheduler.store.work import Published, ReadyPlan
from workers.messages import interactive_queue, own_queue, shard_queue

SUSPECT_LOSSES = MAX_LOSSES - 1
"""A unit that was lost this often runs alone: if its worker ends again, it alone can be to blame."""


def queue_of(pool: str, plan: ReadyPlan, test: Published, workers: Mapping[str, int]) -> str:
    """Where the message of this unit goes. `workers`: the pool's that are surely there.

    What was lost, or is retried, goes to another worker than before, where there is one.
    """
    other = _other_worker(test, workers)
    if other:
        return own_queue(pool, other)
    return interactive_queue(pool) if plan.lane == Lane.INTERACTIVE else shard_queue(pool, test.shard)


def message_of(plan: ReadyPlan, test: Published, token: str) -> TestMessage:
    """The message that brings this unit to a worker."""
    return TestMessage(
        run_id=plan.run_id,
        number=test.number,
        lease=test.lease,
        plan=plan.digest,
        test_id=test.test_id,
        token=token,
        fresh=test.retries > 0,
        alone=test.losses >= SUSPECT_LOSSES,
    )


def _other_worker(test: Published, workers: Mapping[str, int]) -> str:
    """One of the live workers that have not had the unit, drawn by its id; empty where any worker will do."""
    others = sorted(name for name in workers if name not in test.avoid)
    if not others or len(others) == len(workers):
        return ""
    seed = f"{test.test_id}:{test.lease}".encode()
    return others[int.from_bytes(hashlib.sha256(seed).digest()[:8], "big") % len(others)]
