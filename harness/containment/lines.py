"""Cuts a byte stream into lines: bounded in memory, linear in time. Standard library only."""


class LineTooLong(Exception):
    """Raised when more than the allowed bytes came without a newline."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"a line of more than {limit_bytes} bytes")


class LineSplitter:
    """Keeps the unfinished line between calls of `feed`, as a list of pieces so that long lines cost one join."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._pieces: list[bytes] = []
        self._length = 0

    @property
    def unfinished(self) -> int:
        """Bytes of the line that has not ended yet."""
        return self._length

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that `chunk` completes, without their newlines.

        Raises LineTooLong for a line over the limit, ended or not; what preceded it in `chunk` is lost with it.
        """
        lines = chunk.split(b"\n")
        rest = lines.pop()
        if lines and self._length:
            self._take(lines[0])
            lines[0] = b"".join(self._pieces)
            self._pieces, self._length = [], 0
        self._take(rest)
        for line in lines:
            if len(line) > self._limit:
                raise LineTooLong(self._limit)
        return lines

    def _take(self, piece: bytes) -> None:
        if piece:
            self._pieces.append(piece)
            self._length += len(piece)
            if self._length > self._limit:
                raise LineTooLong(self._limit)
