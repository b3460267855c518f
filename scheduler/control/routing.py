"""Which queue a message goes to, and what it asks of its worker: another one for what was lost, peace for suspects."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from harness.models.job import TestMessage
from harness.models.run import Lane
from harness.targets.abilities import Abilities, missing
from scheduler.state.machine import MAX_LOSSES
from scheduler.store.work import Published, ReadyPlan
from workers.messages import interactive_queue, own_queue, shard_queue

SUSPECT_LOSSES = MAX_LOSSES - 1
"""A unit that was lost this often runs alone: if its worker ends again, it alone can be to blame."""


@dataclass(frozen=True, slots=True)
class Workers:
    """The pool's workers that are surely there, and what those that have said it offer."""

    present: frozenset[str] = frozenset()
    offers: Mapping[str, Abilities] = field(default_factory=dict)

    def that_serve(self, requires: Sequence[str]) -> frozenset[str]:
        """Those that offer all of it."""
        if not requires:
            return self.present
        return frozenset(
            name for name in self.present if name in self.offers and not missing(requires, self.offers[name])
        )


def queue_of(pool: str, plan: ReadyPlan, test: Published, workers: Workers) -> str:
    """Where the message of this unit goes; empty when no worker is there that could take it.

    What was lost, or is retried, goes to another worker than before, where there is one. What not all workers can run
    goes to one that can.
    """
    serving = workers.that_serve(plan.requires)
    if not serving and plan.requires:
        return ""
    other = _other_worker(test, serving, is_choosy=len(serving) < len(workers.present))
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


def _other_worker(test: Published, serving: Collection[str], *, is_choosy: bool) -> str:
    """One of these workers, rather one that has not had the unit, drawn by its id; empty where any worker will do."""
    others = sorted(name for name in serving if name not in test.avoid)
    if not is_choosy and len(others) in (0, len(serving)):
        return ""
    others = others or sorted(serving)
    seed = f"{test.test_id}:{test.lease}".encode()
    return others[int.from_bytes(hashlib.sha256(seed).digest()[:8], "big") % len(others)]
