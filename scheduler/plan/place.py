"""Which queue each test goes to, and in which order a suite's tests are published. Pure.

A target's tests go to one shard, so that few workers need its server; a target above its fair share is split over
neighbouring shards. A group stays together: it is one unit.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MIN_SHARE = 32
"""Fewer tests than this are never split: a second server start would cost more than it saves."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is published as one: a test, or a group by its head. `weight` is its number of tests.

    Those of a higher `priority` are published first.
    """

    number: int
    target: str
    weight: int = 1
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit goes. `rank` orders a run's units for publishing; no two share one."""

    shard: int
    rank: int


def place(units: Sequence[Unit], shards: int) -> dict[int, Place]:
    """The place of every unit by number: the same for the same input, whatever the order of other targets."""
    total = sum(unit.weight for unit in units)
    share = max(MIN_SHARE, -(-total // shards))
    chosen: dict[int, int] = {}
    for target, members in _by_target(units).items():
        chosen |= _spread(members, home_shard(target, shards), share, shards)
    order = _interleave(units, chosen)
    return {number: Place(chosen[number], rank) for rank, number in enumerate(order)}


def home_shard(target: str, shards: int) -> int:
    """The shard of a target by a stable hash: the same in every process and every run."""
    return int.from_bytes(hashlib.sha256(target.encode()).digest()[:8], "big") % shards


def _by_target(units: Sequence[Unit]) -> Mapping[str, list[Unit]]:
    targets: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        targets[unit.target].append(unit)
    return targets


def _spread(members: Sequence[Unit], home: int, share: int, shards: int) -> dict[int, int]:
    """Fill the home shard to the fair share, then its neighbours."""
    chosen, step, filled = {}, 0, 0
    for unit in members:
        if filled and filled + unit.weight > share:
            step, filled = step + 1, 0
        chosen[unit.number] = (home + step) % shards
        filled += unit.weight
    return chosen


def _interleave(units: Sequence[Unit], chosen: Mapping[int, int]) -> list[int]:
    """Numbers by priority, then in turn over shards, in file order within a shard.

    So no worker waits while another has all the work.
    """
    position: dict[tuple[int, int], int] = defaultdict(int)
    keyed = []
    for unit in units:
        shard = chosen[unit.number]
        keyed.append((-unit.priority, position[unit.priority, shard], shard, unit.number))
        position[unit.priority, shard] += 1
    return [number for *_, number in sorted(keyed)]
