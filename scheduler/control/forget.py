"""Leases that are over must not be taken, kept or found again: their workers learn it with the next heartbeat."""

from collections.abc import Mapping
from importlib.resources import files

import redis

from workers.leases import BEATS, beat_member, lease_key

_FORGET = files("scheduler.control").joinpath("forget.lua").read_text()


def forget_leases(client: redis.Redis, run_id: str, leases: Mapping[int, int]) -> None:
    """End these leases, by number of the test. One that was published again meanwhile is left alone."""
    if not leases:
        return
    with client.pipeline(transaction=False) as pipe:
        for number, lease in leases.items():
            member = beat_member(run_id, number, lease)
            pipe.eval(_FORGET, 2, lease_key(run_id, number), BEATS, str(lease), member)
        pipe.execute()
