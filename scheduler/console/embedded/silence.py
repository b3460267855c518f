"""Tells which workers fell silent, by their heartbeats and the time of the caller. Pure.

Heartbeats are compared with each other only: whose clock they carry does not matter.
"""

from collections.abc import Mapping
from math import inf

STALLED_S = 5.0
"""Who looks this late stood still himself, perhaps with the whole machine: the silence counts from then on."""


class Silence:
    """Silent is who was heard once and then not for `limit_s` seconds. Names are never used again."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._heartbeats: dict[str, float] = {}
        self._heard_at: dict[str, float] = {}
        self._looked_at = -inf

    def look(self, heartbeats: Mapping[str, float], now_s: float) -> frozenset[str]:
        """Take the latest heartbeat of each worker, by name; the names of the silent. To be called every second."""
        if now_s - self._looked_at > STALLED_S:
            self._heard_at = dict.fromkeys(self._heard_at, now_s)
        self._looked_at = now_s
        for name, heartbeat in heartbeats.items():
            if self._heartbeats.get(name) != heartbeat:
                self._heartbeats[name], self._heard_at[name] = heartbeat, now_s
        return frozenset(name for name, heard_at in self._heard_at.items() if now_s - heard_at > self._limit_s)
