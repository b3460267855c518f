"""Brings back what was lost: silent leases, lost messages, half-finished steps. Idempotent; a tick every 5 s."""

from dataclasses import dataclass

from scheduler.control.farm import Farm


@dataclass(frozen=True)
class Recovered:
    """What one tick did."""

    lost: int = 0
    republished: int = 0
    stored: int = 0
    published: int = 0
    closed: int = 0


def recover(farm: Farm, *, dead_workers: frozenset[str] = frozenset()) -> Recovered:
    """Look once at every open run. Leases held by `dead_workers` are lost at once."""
    raise NotImplementedError
