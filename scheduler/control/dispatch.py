"""Publishes what is ready, within the pool's window, each target's cap and each project's share.

Lease and state are committed first, then Redis is told: a crash in between leaves a lease without a message, which
`recover` finds. The order within Redis is leases, then messages: no worker sees a message before its lease.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from harness.models.run import Lane
from harness.targets.abilities import Abilities
from scheduler.control.books import read_books, read_pace, write_times
from scheduler.control.farm import Farm
from scheduler.control.routing import Workers, message_of, queue_of
from scheduler.control.tokens import derive_token, farm_secret
from scheduler.control.unserved import is_served
from scheduler.control.workforce import PRESENT_S, live_abilities, live_slots, live_workers
from scheduler.plan.share import Books, Claim, Room, Shares, share_out
from scheduler.plan.window import Pace, batch_reserve, interactive_window, shared_window, window
from scheduler.state.breaker import Health, after_probe, room
from scheduler.store.database import pool_lock, run_lock
from scheduler.store.health import TargetKey, load_health, save_health, target_key
from scheduler.store.values import now_ms
from scheduler.store.work import (
    InFlight,
    Published,
    ReadyPlan,
    due_runs,
    mark_due,
    publish,
    ready_plans,
    units_in_flight,
)
from workers.leases import LEASE_LIFE_S, queue_lease
from workers.messages import test_message_bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction published of one suite."""

    plan: ReadyPlan
    tests: tuple[Published, ...]


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What was published. `backlog`: units in flight beyond what the live slots run at a time."""

    batches: tuple[Batch, ...] = ()
    backlog: int = 0

    @property
    def sent(self) -> int:
        """How many units."""
        return sum(test.is_head for batch in self.batches for test in batch.tests)


def dispatch(farm: Farm) -> int:
    """Publish ready tests of all runs, to each its share; tells how many units."""
    return dispatch_now(farm).sent


def dispatch_now(farm: Farm) -> Dispatched:
    """The same, telling more. Redis is asked only where something is ready: a tick comes every second."""
    with farm.store.session() as session:
        if not ready_plans(session, farm.settings.pool, 1):
            return Dispatched()
    published = publish_ready(farm, live_slots(farm.redis, farm.settings.pool))
    push(farm, published.batches)
    return published


def release_due(farm: Farm) -> int:
    """Make tests ready whose time to be retried has come; tells how many."""
    now = now_ms()
    with farm.store.session() as session:
        runs = due_runs(session, farm.settings.pool, now)
    released = 0
    for run_id in runs:
        with farm.store.writing(run_lock(run_id)) as session:
            released += mark_due(session, run_id, now)
    return released


def publish_ready(farm: Farm, slots: int) -> Dispatched:
    """Commit what is published now. A crash before `push` is what `recover` mends."""
    pool = farm.settings.pool
    with farm.store.writing(pool_lock(pool)) as session:  # the books are read and written by one at a time
        pace, books = read_pace(farm.redis, pool, slots), read_books(farm.redis, pool, farm.settings.project_weights)
        desk = _Desk(farm, session, pace, books)
        shares, batches = desk.publish()
        backlog = max(0, desk.in_flight + sum(shares.counts.values()) - slots)
        write_times(farm.redis, pool, desk.times_after(shares))
    return Dispatched(batches, backlog)


def push(farm: Farm, batches: Sequence[Batch]) -> None:
    """Write the leases, then the messages, of what is committed as published."""
    if not any(batch.tests for batch in batches):
        return
    workers = _workers_for(farm, batches)
    secret, pool = farm_secret(farm), farm.settings.pool
    messages: dict[str, list[bytes]] = defaultdict(list)
    with farm.redis.pipeline(transaction=False) as pipe:
        for batch in batches:
            token = derive_token(secret, batch.plan.run_id)
            for test in batch.tests:
                queue_lease(pipe, batch.plan.run_id, test.number, test.lease)
                if test.is_head:
                    queue = queue_of(pool, batch.plan, test, workers)
                    if queue:  # else its lease is seen without a message, and published again
                        messages[queue].append(test_message_bytes(message_of(batch.plan, test, token), queue))
        for queue, entries in messages.items():
            pipe.lpush(queue, *entries)
            pipe.expire(queue, LEASE_LIFE_S)  # a worker that has left does not come for its own queue
        pipe.execute()


def _workers_for(farm: Farm, batches: Sequence[Batch]) -> Workers:
    """Who is there; looked at only where it matters who takes a test."""
    redis, pool = farm.redis, farm.settings.pool
    demanding = any(batch.plan.requires for batch in batches)
    if not demanding and not any(test.avoid for batch in batches for test in batch.tests):
        return Workers()
    offers = live_abilities(redis, pool, PRESENT_S) if demanding else {}
    return Workers(frozenset(live_workers(redis, pool, PRESENT_S)), offers)


class _Desk:
    """One transaction of publishing, with the pool's lock held."""

    def __init__(self, farm: Farm, session: Session, pace: Pace, books: Books) -> None:
        self._farm, self._session, self._books = farm, session, books
        self._busy = units_in_flight(session, farm.settings.pool)
        self._now_ms = now_ms()
        self._health = load_health(session, self._now_ms, farm.settings.breaker)
        self.in_flight = sum(flight.units for flight in self._busy)
        self._busy_targets = _units_by(self._busy, _target)
        self._busy_servers = _units_by(self._busy, _server)
        self._probed: set[str] = set()
        self._offers: Mapping[str, Abilities] = {}
        self._pace = pace

    def publish(self) -> tuple[Shares, tuple[Batch, ...]]:
        """Give out the room there is, and publish what got it."""
        ready = ready_plans(self._session, self._farm.settings.pool, window(self._pace))
        plans = {(plan.run_id, plan.plan): plan for plan in ready}
        if any(plan.requires for plan in ready):
            self._offers = live_abilities(self._farm.redis, self._farm.settings.pool, PRESENT_S)
        room_left = _room(self._pace, self._busy, ready)
        shares = share_out(room_left, self._claims(ready), self._busy_targets, self._books)
        turns = {plans[key]: count for key, count in shares.counts.items()}
        self._farm.store.lock(self._session, *{run_lock(plan.run_id) for plan in turns})
        self._note_probes(turns)
        return shares, tuple(Batch(plan, self._publish(plan, count)) for plan, count in turns.items())

    def _key(self, plan: ReadyPlan) -> TargetKey:
        return target_key(plan.project, self._farm.settings.pool, plan.server)

    def times_after(self, shares: Shares) -> dict[str, float]:
        """Virtual times of projects that have anything to do: one that only waits for its tests is not forgotten."""
        busy = {flight.project for flight in self._busy}
        return {name: time for name, time in self._books.times.items() if name in busy} | shares.times

    def _publish(self, plan: ReadyPlan, count: int) -> tuple[Published, ...]:
        return tuple(publish(self._session, plan.run_id, plan.plan, count, self._now_ms))

    def _claims(self, ready: Sequence[ReadyPlan]) -> list[Claim]:
        own = {(flight.run_id, flight.plan): flight.units for flight in self._busy}
        return [
            Claim(
                key=(plan.run_id, plan.plan),
                project=plan.project,
                target=_target(plan),
                cap=self._cap(plan),
                ready=plan.ready,
                in_flight=own.get((plan.run_id, plan.plan), 0),
                lane=Lane(plan.lane),
            )
            for plan in ready
        ]

    def _cap(self, plan: ReadyPlan) -> int:
        """How many tests of its target may be in flight: less while its server cannot be started, or nowhere run."""
        if plan.requires and not is_served(plan.requires, self._offers):
            return 0
        health, server = self._health.get(self._key(plan)), _server(plan)
        allowed = room(health, self._busy_servers[server], self._now_ms, self._farm.settings.breaker)
        if allowed is None:
            return plan.cap
        if server in self._probed:  # by another suite with the same server
            return 0
        self._probed.add(server)
        return min(plan.cap, self._busy_targets[_target(plan)] + allowed)

    def _note_probes(self, turns: Mapping[ReadyPlan, int]) -> None:
        """Targets that are not trusted, and of which a test is let through now."""
        probes: dict[TargetKey, Health] = {}
        for plan in turns:
            health = self._health.get(self._key(plan))
            if health is not None and health.opened_ms is not None:
                probes[self._key(plan)] = after_probe(health, self._now_ms)
        save_health(self._session, probes)


def _units_by(busy: Sequence[InFlight], name: Callable[[InFlight], str]) -> Counter[str]:
    units: Counter[str] = Counter()
    for flight in busy:
        units[name(flight)] += flight.units
    return units


def _room(pace: Pace, busy: Sequence[InFlight], ready: Sequence[ReadyPlan]) -> Room:
    projects = {plan.project for plan in ready} | {flight.project for flight in busy}
    size = shared_window(pace) if len(projects) > 1 else window(pace)
    fast = sum(flight.units for flight in busy if flight.lane == Lane.INTERACTIVE)
    slow = sum(flight.units for flight in busy) - fast
    return Room(
        first=max(0, interactive_window(pace) - fast),
        total=max(0, size - slow - fast),
        kept=max(0, batch_reserve(pace) - slow),
    )


def _target(plan: ReadyPlan | InFlight) -> str:
    """What a cap is for, over all runs."""
    return f"{plan.project}/{plan.target}"


def _server(plan: ReadyPlan | InFlight) -> str:
    """What a breaker is for."""
    return f"{plan.project}/{plan.server}"
