"""Reads a stream of server-sent events, bounded and linear in time. Pure.

Specification: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from collections.abc import Iterator
from typing import NamedTuple

from harness.containment.lines import LineSplitter

MAX_RETRY_S = 10.0
DEFAULT_RETRY_S = 1.0
MAX_ID_BYTES = 1024
_BOM = b"\xef\xbb\xbf"
_COMMENT = ord(":")


class Event(NamedTuple):
    """One event that carries something. `kind` is `message` unless the server says otherwise."""

    data: bytes
    kind: str


class EventReader:
    """Takes bytes as they come and gives whole events.

    `too_long` becomes true with the first event over the limit; nothing more is given then. `last_id` and `retry_s`
    are what the server wants to be told, and how long it wants to be left alone, when the stream is opened again.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.too_long = False
        self.last_id = ""
        self.retry_s = DEFAULT_RETRY_S
        self.begin()

    def begin(self) -> None:
        """The stream begins, perhaps again: what was unfinished is dropped."""
        self._lines = LineSplitter(self.limit_bytes)
        self._ends_with_cr = False
        self._is_first = True
        self._data: list[bytes] = []
        self._size = 0
        self._kind = ""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Yield the events that `chunk` completes."""
        for line in self._lines.feed(self._with_plain_ends(chunk)):
            if line:
                if line[0] != _COMMENT:
                    self._field(line)
            elif self._data or self._kind:
                yield from self._event()
            if self.too_long:
                return
        self.too_long = self.too_long or self._lines.too_long

    def _with_plain_ends(self, chunk: bytes) -> bytes:
        """The three ends of lines that there are, as one."""
        if self._ends_with_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
            self._ends_with_cr = False
        if chunk:
            self._ends_with_cr = chunk.endswith(b"\r")
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in chunk else chunk

    def _field(self, line: bytes) -> None:
        if self._is_first:
            line, self._is_first = line.removeprefix(_BOM), False
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._add(value)
        elif name == b"event":
            self._kind = value[:100].decode("utf-8", "replace")
        elif name == b"id" and b"\0" not in value and len(value) <= MAX_ID_BYTES:
            self.last_id = value.decode("utf-8", "replace")
        elif name == b"retry" and value.isdigit():
            self.retry_s = min(MAX_RETRY_S, int(value[:9]) / 1000)

    def _add(self, value: bytes) -> None:
        self._size += len(value) + 1
        if self._size > self.limit_bytes:
            self.too_long = True
        else:
            self._data.append(value)

    def _event(self) -> Iterator[Event]:
        data, kind = self._data, self._kind
        self._data, self._size, self._kind = [], 0, ""
        if any(data):  # an empty one only tells its id
            yield Event(b"\n".join(data), kind or "message")
