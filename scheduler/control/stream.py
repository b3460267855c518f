"""Owns the reading side of a run's stream of records: groups, batches, pending entries, poison.

farm:records:<run>  stream, written by workers, deleted when the run closes; consumer group `control`
farm:poison         list of the newest 1,000 entries that could not be read, clipped, for people to look at
"""

import json
import os
import secrets
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import redis
from pydantic import ValidationError

from harness.models.attempt import AttemptRecord
from workers.leases import records_key

GROUP = "control"
BATCH = 500
POISON = "farm:poison"
POISON_KEPT = 1000
MAX_ENTRY_CHARS = 64 * 1024
CONSUMER = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
"""This process as a reader. What a dead one left pending is claimed by time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the stream. `record` is None when it cannot be read."""

    id: str
    text: str
    record: AttemptRecord | None


class RecordStream:
    """The stream of one run."""

    def __init__(self, client: redis.Redis, run_id: str, consumer: str = CONSUMER) -> None:
        self._redis = client
        self._run_id = run_id
        self._key = records_key(run_id)
        self._consumer = consumer

    def claim(self, idle_ms: int) -> list[Entry]:
        """A batch that another reader took at least `idle_ms` ago and never acknowledged."""
        try:
            answer = self._redis.xautoclaim(self._key, GROUP, self._consumer, idle_ms, count=BATCH)
        except redis.ResponseError as error:
            _ignore_missing(error)
            return []
        return self._entries(answer[1])

    def read(self, block_ms: int = 0) -> list[Entry]:
        """The next batch; waits up to `block_ms` for it. Empty when there is none."""
        try:
            return self._read(block_ms)
        except redis.ResponseError as error:
            _ignore_missing(error)
        self._make_group()
        return self._read(block_ms)

    def left_behind(self, idle_ms: int) -> Iterator[list[Entry]]:
        """Batches that other readers took and never acknowledged, until there are none."""
        while batch := self.claim(idle_ms):
            yield batch
            if len(batch) < BATCH:
                return

    def unread(self, block_ms: int = 0) -> Iterator[list[Entry]]:
        """New batches, waiting up to `block_ms` for each, until there is none."""
        while batch := self.read(block_ms):
            yield batch

    def acknowledge(self, entries: Sequence[Entry]) -> None:
        """Remove entries whose transaction is committed."""
        if not entries:
            return
        ids = [entry.id for entry in entries]
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.xack(self._key, GROUP, *ids)
            pipe.xdel(self._key, *ids)
            pipe.execute()

    def put_aside(self, entries: Sequence[Entry]) -> None:
        """Keep a clipped copy of entries that are of no use. They are acknowledged like any other."""
        if not entries:
            return
        copies = [json.dumps({"run": self._run_id, "entry": entry.id, "text": entry.text[:2000]}) for entry in entries]
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.lpush(POISON, *copies)
            pipe.ltrim(POISON, 0, POISON_KEPT - 1)
            pipe.execute()

    def _read(self, block_ms: int) -> list[Entry]:
        block = block_ms if block_ms > 0 else None
        answer = self._redis.xreadgroup(GROUP, self._consumer, {self._key: ">"}, count=BATCH, block=block)
        streams = cast(list[tuple[str, list[Any]]], answer)
        return [entry for _, entries in streams for entry in self._entries(entries)]

    def _make_group(self) -> None:
        try:
            self._redis.xgroup_create(self._key, GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):  # somebody else made it just now
                raise

    def _entries(self, raw: Sequence[Any]) -> list[Entry]:
        return [self._entry(identity, fields) for identity, fields in raw if fields is not None]

    def _entry(self, identity: str, fields: dict[str, str]) -> Entry:
        text = fields.get("r", "")
        return Entry(identity, text, _parse(text, self._run_id))


def _parse(text: str, run_id: str) -> AttemptRecord | None:
    if len(text) > MAX_ENTRY_CHARS:
        return None
    try:
        record = AttemptRecord.model_validate_json(text)
    except ValidationError:
        return None
    return record if record.run_id == run_id else None


def _ignore_missing(error: redis.ResponseError) -> None:
    """Go on when stream or group are not there (yet, or any more): Redis may have been emptied at any moment."""
    if "NOGROUP" not in str(error):
        raise error
