"""A bounded memory of the newest bytes of a stream. Standard library only."""

from collections import deque


class ByteRing:
    """Keeps at most the newest `limit_bytes` of what it is given; says when something was lost."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._chunks: deque[bytes] = deque()
        self._length = 0
        self.total_bytes = 0

    def __bool__(self) -> bool:
        return bool(self._chunks)

    def add(self, chunk: bytes) -> None:
        """Take `chunk`, dropping the oldest bytes beyond the limit."""
        if not chunk:
            return
        self.total_bytes += len(chunk)
        chunk = chunk[-self._limit :]
        self._chunks.append(chunk)
        self._length += len(chunk)
        while self._length > self._limit:
            excess = self._length - self._limit
            oldest = self._chunks.popleft()
            if len(oldest) > excess:
                self._chunks.appendleft(oldest[excess:])
            self._length -= min(len(oldest), excess)

    def content(self) -> bytes:
        """All that is kept, oldest first."""
        return b"".join(self._chunks)

    def take(self) -> bytes:
        """All that is kept, which is then forgotten."""
        content = self.content()
        self._chunks.clear()
        self._length = 0
        return content
