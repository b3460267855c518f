"""Whether there is a reason for a published or running unit to take its time. Pure; `recover` acts on the answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Wait(StrEnum):
    """What a unit is waiting for."""

    RUNNING = "running"  # a live worker has it
    QUEUED = "queued"  # its message is in a queue
    SILENT = "silent"  # its worker is dead, or says nothing any more
    ORPHANED = "orphaned"  # its message is in a queue that only a dead worker reads
    UNEXPLAINED = "unexplained"  # nothing in Redis says who has it: lost, or just recorded


@dataclass(frozen=True, slots=True)
class Sighting:
    """What Redis says of one test that is in flight under `lease`."""

    number: int
    lease: int
    seen_lease: int | None = None
    worker: str = ""
    taken_ms: int | None = None
    beat_ms: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether a worker has taken the current lease."""
        return self.seen_lease == self.lease and bool(self.worker)


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a unit waits, and the member that a worker has (or had)."""

    wait: Wait
    holder: Sighting | None = None


def examine(
    members: Sequence[Sighting], *, message: Wait, now_ms: int, silent_ms: int, dead_workers: Collection[str]
) -> Finding:
    """Judge the in-flight members of a unit. `message`: what queues tell of the head's message while nobody has it.

    A holder without a heartbeat was seen halfway through taking or recording: unexplained, to be looked at again.
    """
    for holder in (member for member in members if member.is_held):
        if holder.worker in dead_workers:
            return Finding(Wait.SILENT, holder)
        if holder.beat_ms is None:
            return Finding(Wait.UNEXPLAINED, holder)
        silent = now_ms - holder.beat_ms > silent_ms
        return Finding(Wait.SILENT if silent else Wait.RUNNING, holder)
    return Finding(message)
