"""Which workers there are and what each holds, for people: as Redis knows it, with the names that the store knows.

Reads `farm:workers`, `farm:worker:*`, `farm:beats` and `farm:lease:*`. Reads only.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar, cast

import redis
from sqlalchemy import select
from sqlmodel import Session

from harness.models.run import HeldTest, WorkerView
from scheduler.control.workforce import heartbeats, server_ms
from scheduler.store.tables import TESTS
from workers.leases import BEATS, SILENT_S, lease_key, parse_beat_member, worker_key

CHUNK = 500
MAX_BEATS = 50_000
MAX_NAMED = 256
"""Tests of one worker that are named."""

TestKey = tuple[str, int]
"""Run and number."""

Item = TypeVar("Item")
_T = TESTS.c
_DECLARED = ("pool", "host", "pid", "version", "slots", "waiting")


def see_workers(client: redis.Redis) -> tuple[WorkerView, ...]:
    """All workers that were heard of within the last 40 s, by name; their tests without names. Raises redis errors."""
    heard, now_ms = heartbeats(client), server_ms(client)
    held = _held_tests(client)
    views = []
    for names in _chunks(sorted(heard)):
        with client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.hmget(worker_key(name), _DECLARED)
            declared: list[Any] = pipe.execute()
        views += [
            _view(name, (now_ms - heard[name]) / 1000, dict(zip(_DECLARED, said, strict=True)), held[name])
            for name, said in zip(names, declared, strict=True)
        ]
    return tuple(views)


def name_tests(session: Session, workers: Sequence[WorkerView], project: str | None = None) -> tuple[WorkerView, ...]:
    """The same workers, their tests with ids; without those of other projects than `project`, where it is given."""
    names = _test_ids(session, {_key(test) for worker in workers for test in (*worker.tests, *worker.waiting)}, project)
    return tuple(
        worker.model_copy(update={"tests": _named(worker.tests, names), "waiting": _named(worker.waiting, names)})
        for worker in workers
    )


def _held_tests(client: redis.Redis) -> dict[str, list[TestKey]]:
    """What each worker has taken: a beat tells of a lease, the lease who took it."""
    beats = cast(list[str], client.zrange(BEATS, 0, MAX_BEATS - 1))
    held: dict[str, list[TestKey]] = defaultdict(list)
    for leases in _chunks(list(_leases(beats))):
        with client.pipeline(transaction=False) as pipe:
            for run_id, number, _ in leases:
                pipe.hmget(lease_key(run_id, number), "worker", "lease")
            answers: list[Any] = pipe.execute()
        for (run_id, number, lease), (worker, current) in zip(leases, answers, strict=True):
            if worker and current == str(lease):
                held[worker].append((run_id, number))
    return held


def _leases(members: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    for member in members:
        with suppress(ValueError):  # not ours
            yield parse_beat_member(member)


def _view(name: str, heard_s: float, said: Mapping[str, str | None], held: Sequence[TestKey]) -> WorkerView:
    waiting = [(run_id, number) for run_id, number, _ in _leases((said["waiting"] or "").split())]
    return WorkerView(
        name=name,
        pool=said["pool"] or "",
        host=said["host"] or "",
        pid=_number(said["pid"]),
        version=said["version"] or "",
        slots=_number(said["slots"]) or 0,
        live=heard_s <= SILENT_S,
        heard_s=round(max(0.0, heard_s), 1),
        holds=len(held),
        at_gate=len(waiting),
        tests=_unnamed(held),
        waiting=_unnamed(waiting),
    )


def _unnamed(keys: Sequence[TestKey]) -> tuple[HeldTest, ...]:
    return tuple(HeldTest(run_id=run_id, number=number, test_id="") for run_id, number in sorted(keys)[:MAX_NAMED])


def _named(tests: Iterable[HeldTest], names: Mapping[TestKey, str]) -> tuple[HeldTest, ...]:
    return tuple(test.model_copy(update={"test_id": names[_key(test)]}) for test in tests if _key(test) in names)


def _test_ids(session: Session, keys: Iterable[TestKey], project: str | None) -> dict[TestKey, str]:
    by_run: dict[str, list[int]] = defaultdict(list)
    for run_id, number in sorted(keys):
        by_run[run_id].append(number)
    found: dict[TestKey, str] = {}
    for run_id, numbers in by_run.items():
        for chunk in _chunks(numbers):
            query = select(_T.number, _T.test_id).where(_T.run_id == run_id, _T.number.in_(chunk))
            mine = query if project is None else query.where(_T.project == project)
            found |= {(run_id, number): test_id for number, test_id in session.connection().execute(mine)}
    return found


def _key(test: HeldTest) -> TestKey:
    return test.run_id, test.number


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


def _chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
