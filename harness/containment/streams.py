"""Non-blocking ends of pipes and sockets for a keeper's loop. Standard library only."""

import os
import time
from collections import deque

_READ_BYTES = 256 * 1024
_MAX_BUFFERS = 64  # of one writev


def read_available(fd: int) -> bytes | None:
    """What can be read now: b"" when nothing is there yet, None when the other end is closed."""
    try:
        return os.read(fd, _READ_BYTES) or None
    except BlockingIOError:
        return b""
    except OSError:
        return None


class Outbox:
    """A queue of bytes for one non-blocking descriptor.

    `stamps` collects (ticket, seconds on CLOCK_MONOTONIC) of chunks that were queued with a ticket: the time just
    before the write that carried the chunk's last byte.
    """

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.length = 0
        self.stamps: list[tuple[int, float]] = []
        self._chunks: deque[tuple[bytes | memoryview, int]] = deque()

    def put(self, chunk: bytes, ticket: int = 0) -> None:
        """Queue `chunk`, which is not empty; nothing is written yet."""
        self._chunks.append((chunk, ticket))
        self.length += len(chunk)

    def shed(self) -> None:
        """Drop what is queued, but for a chunk that is written in part already."""
        while self._chunks and not isinstance(self._chunks[-1][0], memoryview):
            self.length -= len(self._chunks.pop()[0])

    def drain(self) -> bool:
        """Write what the descriptor takes. False when the other end is closed; the queue is then dropped."""
        while self._chunks:
            buffers = [chunk for (chunk, _), _ in zip(self._chunks, range(_MAX_BUFFERS), strict=False)]
            before = time.monotonic()
            try:
                written = os.writev(self.fd, buffers)
            except BlockingIOError:
                return True
            except OSError:
                self._chunks.clear()
                self.length = 0
                return False
            self._forget(written, before)
        return True

    def _forget(self, written: int, before: float) -> None:
        self.length -= written
        while written:
            chunk, ticket = self._chunks.popleft()
            if len(chunk) > written:
                self._chunks.appendleft((memoryview(chunk)[written:], ticket))
                return
            written -= len(chunk)
            if ticket:
                self.stamps.append((ticket, before))
