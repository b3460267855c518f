"""Cuts a byte stream into lines: bounded in memory, linear in time. Standard library only."""


class LineSplitter:
    """Keeps the unfinished line between calls of `feed`, as a list of pieces so that long lines cost one join.

    `too_long` becomes true with the first line over the limit, ended or not; after that nothing more is given.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.too_long = False
        self._pieces: list[bytes] = []
        self._length = 0

    @property
    def unfinished_bytes(self) -> int:
        """How much there is of the line that has not ended yet."""
        return self._length

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that `chunk` completes, without their newlines, up to the first one that is too long."""
        lines = chunk.split(b"\n")
        rest = lines.pop()
        if lines and self._pieces:
            lines[0] = b"".join([*self._pieces, lines[0]])
            self._pieces, self._length = [], 0
        whole = self._within_limit(lines)
        if rest and not self.too_long:
            self._pieces.append(rest)
            self._length += len(rest)
            self.too_long = self._length > self.limit_bytes
        return whole

    def take_unfinished(self) -> bytes:
        """The line that has not ended, as far as it came; it is then forgotten."""
        rest = b"".join(self._pieces)
        self._pieces, self._length = [], 0
        return rest

    def _within_limit(self, lines: list[bytes]) -> list[bytes]:
        for number, line in enumerate(lines):
            if self.too_long or len(line) > self.limit_bytes:
                self.too_long = True
                return lines[:number]
        return lines
