"""Frames between a worker and a keeper: one stream socket, length-prefixed, both directions. Standard library only.

A frame is a header (kind, payload length, number, seconds on CLOCK_MONOTONIC) and its payload.

worker → keeper
  START    how to start the server (`start.py`); always the first frame, exactly once
  SEND     one line for the server's stdin, newline included; a number other than 0 asks for a WRITTEN stamp
  EOF      close the server's stdin once all is written; it goes on, and its last line may lack a newline
  CLOSE    end the server politely: EOF, SIGTERM, SIGKILL
  KILL     end the server now
  LOOK     say what the server and all below it use
keeper → worker
  STARTED  number = pid of the server
  REFUSED  the server could not be started; payload = why
  WRITTEN  number as given with SEND, stamp = just before the write that carried the line's last byte
  LINE     one line of stdout without its newline, stamp = when its last byte was read
  STDERR   bytes of stderr, the newest 64 KiB since the last STDERR; sent before the next LINE, not at once
  USAGE    the answer to LOOK; payload = what they use (`usage.py`); new stderr comes before it
  FAULT    the server broke a bound and is being ended; payload = which
  ENDED    the server and all it started are gone; payload = `name=value` lines (`ending.py`); always the last frame
When either end of the socket closes, the other side takes it as the end: a keeper then kills its server.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

START, SEND, CLOSE, KILL, EOF, LOOK = 1, 2, 3, 4, 5, 6
STARTED, REFUSED, WRITTEN, LINE, STDERR, FAULT, ENDED, USAGE = 11, 12, 13, 14, 15, 16, 17, 18

_HEADER = struct.Struct("<BIId")


class Frame(NamedTuple):
    """One decoded frame. `stamp` is in seconds on CLOCK_MONOTONIC, 0 where it means nothing."""

    kind: int
    payload: bytes
    number: int = 0
    stamp: float = 0.0


def header(kind: int, length: int, number: int = 0, stamp: float = 0.0) -> bytes:
    """The header of a frame whose payload, of `length` bytes, follows it."""
    return _HEADER.pack(kind, length, number, stamp)


def encode(kind: int, payload: bytes = b"", number: int = 0, stamp: float = 0.0) -> bytes:
    """A whole frame."""
    return _HEADER.pack(kind, len(payload), number, stamp) + payload


class FrameReader:
    """Takes bytes as they come and gives whole frames. Both ends are ours, so lengths are not bounded here."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._wanted = _HEADER.size

    def feed(self, chunk: bytes | memoryview) -> Iterator[Frame]:
        """Yield the frames that `chunk` completes."""
        buffer = self._buffer
        buffer += chunk
        if len(buffer) < self._wanted:
            return
        start, size = 0, len(buffer)
        while size - start >= _HEADER.size:
            kind, length, number, stamp = _HEADER.unpack_from(buffer, start)
            body = start + _HEADER.size
            if size - body < length:
                self._wanted = _HEADER.size + length
                break
            yield Frame(kind, bytes(memoryview(buffer)[body : body + length]), number, stamp)
            start = body + length
            self._wanted = _HEADER.size
        del buffer[:start]
