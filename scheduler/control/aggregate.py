"""Merges records into the store: stream, transaction, acknowledgement. Any number may run; the database decides."""

import time
from collections.abc import Sequence

from sqlalchemy.exc import OperationalError, StatementError

from harness.errors import RunMissing
from harness.log import get_logger
from scheduler.control.close import close_if_done, forget_keys
from scheduler.control.dispatch import dispatch_rounds
from scheduler.control.farm import Farm
from scheduler.control.merge import Merged, merge, refuse
from scheduler.control.stop import withdraw
from scheduler.control.stream import Entry, RecordStream
from workers.leases import wake_key

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
    deadline = time.monotonic() + budget_s
    stream = RecordStream(farm.redis, run_id)
    farm.redis.delete(wake_key(run_id))  # first: a record that comes after this wakes somebody again
    stored, may_be_done = 0, True
    batch = stream.claim(reclaim_idle_ms) or stream.read(block_ms)
    while batch:
        parts = _take_in(farm, run_id, stream, batch)
        stored += sum(part.stored for part in parts)
        backlog = _publish_more(farm, parts)
        may_be_done = parts[-1].left == 0 or any(part.stopped for part in parts)
        if may_be_done or time.monotonic() > deadline:
            break
        if backlog and len(batch) < FEW:
            time.sleep(GATHER_S)
        batch = stream.read(block_ms)
    if may_be_done:
        _finish(farm, run_id)
    return stored


def _take_in(farm: Farm, run_id: str, stream: RecordStream, batch: Sequence[Entry]) -> list[Merged]:
    """One batch: commit, then acknowledge, then withdraw what a failure has stopped."""
    parts = merge_or_split(farm, run_id, batch)
    for part in parts:
        if part.unusable:
            log.warning("records.unusable", run_id=run_id, count=len(part.unusable))
            stream.put_aside(part.unusable)
    stream.acknowledge(batch)
    if any(part.stopped for part in parts):
        withdraw(farm, run_id)
    return parts


def _publish_more(farm: Farm, parts: Sequence[Merged]) -> int:
    """Publish what may follow; tells how many units the workers have before them beside those that they run."""
    if not any(part.accepted for part in parts):
        return 0
    return min(done.backlog for done in dispatch_rounds(farm))


def merge_or_split(farm: Farm, run_id: str, batch: Sequence[Entry]) -> list[Merged]:
    """Merge a batch; when the database refuses it, the halves, down to the record that it cannot store."""
    try:
        return [merge(farm.store, run_id, batch)]
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


def _finish(farm: Farm, run_id: str) -> None:
    try:
        close_if_done(farm, run_id)
    except RunMissing:
        forget_keys(farm, run_id)
