"""Merges records into the store: stream, transaction, acknowledgement. Any number may run; the database decides."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from sqlalchemy.exc import OperationalError, StatementError

from harness.errors import RunMissing
from harness.log import get_logger
from scheduler.control.books import note_work
from scheduler.control.close import close_if_done, forget_keys
from scheduler.control.dispatch import dispatch_now
from scheduler.control.farm import Farm
from scheduler.control.forget import forget_leases
from scheduler.control.full_redis import tolerating_full_redis
from scheduler.control.merge import Merged, merge, refuse
from scheduler.control.stop import carry_out
from scheduler.control.stream import Entry, RecordStream
from workers.leases import WAKE_LIFE_MS, wake_key

log = get_logger("control")

RECLAIM_IDLE_MS = 10_000
FEW = 50
GATHER_S = 0.02
"""While workers have enough before them, a batch of few records is followed by this pause: a turn costs milliseconds
of the processor that they need, for one record as for a hundred."""


def aggregate(
    farm: Farm, run_id: str, *, block_ms: int = 0, budget_s: float = 5.0, reclaim_idle_ms: int = RECLAIM_IDLE_MS
) -> int:
    """Drain the run's stream, dispatch what became free, close a run that has nothing open; tells how many it stored.

    Waits up to `block_ms` for each further batch and returns after about `budget_s` in any case. A process that is
    the only control may pass `reclaim_idle_ms=0`.
    """
    stream = RecordStream(farm.redis, run_id)
    with tolerating_full_redis():
        farm.redis.set(wake_key(run_id), "1", px=int(budget_s * 1000) + WAKE_LIFE_MS)  # we are awake
    deadline = time.monotonic() + budget_s
    first = _drain(farm, run_id, stream, chain(stream.left_behind(reclaim_idle_ms), stream.unread(block_ms)), deadline)
    farm.redis.delete(wake_key(run_id))  # before the last look: a record that comes after it wakes somebody again
    if first.may_be_done and _finish(farm, run_id):
        return first.stored
    last = _drain(farm, run_id, stream, stream.unread(), deadline)
    if last.stored and last.may_be_done:
        _finish(farm, run_id)
    return first.stored + last.stored


@dataclass(frozen=True, slots=True)
class _Drained:
    """How many records were stored, and whether the run may have nothing open now."""

    stored: int = 0
    may_be_done: bool = True


def _drain(
    farm: Farm, run_id: str, stream: RecordStream, batches: Iterable[Sequence[Entry]], deadline: float
) -> _Drained:
    """Take in the stream's `batches` until there are no more, or no time."""
    drained = _Drained()
    for batch in batches:
        parts = _take_in(farm, run_id, stream, batch)
        done = parts[-1].left == 0 or any(part.stopped for part in parts)
        drained = _Drained(drained.stored + sum(part.stored for part in parts), done)
        backlog = _publish_more(farm, parts)
        if done or time.monotonic() > deadline:
            break
        if backlog and len(batch) < FEW:
            time.sleep(GATHER_S)
    return drained


def _take_in(farm: Farm, run_id: str, stream: RecordStream, batch: Sequence[Entry]) -> list[Merged]:
    """One batch: commit, then acknowledge, then end what a failure has stopped."""
    parts = merge_or_split(farm, run_id, batch)
    for part in parts:
        forget_leases(farm.redis, run_id, part.over)
        if part.unusable:
            log.warning("records.unusable", run_id=run_id, count=len(part.unusable))
            stream.put_aside(part.unusable)
    stream.acknowledge(batch)
    for part in parts:
        note_work(farm.redis, farm.settings.pool, part.seconds)
    if any(part.stopped for part in parts):
        carry_out(farm, run_id)
    return parts


def _publish_more(farm: Farm, parts: Sequence[Merged]) -> int:
    """Publish what may follow; tells how many units the workers have before them beside those that they run."""
    if not any(part.accepted for part in parts):
        return 0
    return dispatch_now(farm).backlog


def merge_or_split(farm: Farm, run_id: str, batch: Sequence[Entry]) -> list[Merged]:
    """Merge a batch; when the database refuses it, the halves, down to the record that it cannot store."""
    try:
        return [merge(farm.store, run_id, batch, farm.settings.breaker)]
    except RunMissing:
        return [Merged(unusable=tuple(batch))]
    except OperationalError:
        raise  # the database is away or busy: the records are not to blame
    except (StatementError, OverflowError, ValueError) as error:
        if len(batch) == 1:
            log.warning("record.refused", run_id=run_id, entry=batch[0].id, error=str(error)[:300])
            return [refuse(farm.store, run_id, batch)]
    middle = len(batch) // 2
    return merge_or_split(farm, run_id, batch[:middle]) + merge_or_split(farm, run_id, batch[middle:])


def _finish(farm: Farm, run_id: str) -> bool:
    """Close the run if it can be; tells whether it is closed, or was never there."""
    try:
        return close_if_done(farm, run_id)
    except RunMissing:
        forget_keys(farm, run_id)
        return True
