"""What a server does that decides nothing but should be known: collected, counted, bounded."""

from harness.safe_text import one_line

MAX_KINDS = 12
DETAIL_CHARACTERS = 240
SHOWN_CHARACTERS = 120


class Findings:
    """One text per kind of finding, with its first detail and how often it happened."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, int]] = {}

    def add(self, kind: str, detail: str = "") -> None:
        """Note one occurrence. `kind` is our own sentence; `detail` may come from the server."""
        first, count = self._found.get(kind, (one_line(detail, DETAIL_CHARACTERS), 0))
        if count or len(self._found) < MAX_KINDS:
            self._found[kind] = (first, count + 1)

    def add_line(self, kind: str, line: bytes, reason: str) -> None:
        """Note a line of the server. Cheap for all but the first of its kind: there may be millions."""
        if kind in self._found:
            self.add(kind)
        else:
            self.add(kind, f"{shown(line)} ({reason})")

    def drain(self) -> tuple[str, ...]:
        """All findings since the last call, as printable sentences."""
        found, self._found = self._found, {}
        return tuple(_sentence(kind, first, count) for kind, (first, count) in found.items())


def shown(line: bytes) -> str:
    """The beginning of a line, printable, on one line."""
    return one_line(line[: 4 * SHOWN_CHARACTERS].decode("utf-8", "backslashreplace"), SHOWN_CHARACTERS)


def _sentence(kind: str, first: str, count: int) -> str:
    times = f" ({count} times)" if count > 1 else ""
    return f"{kind}{times}: {first}" if first else f"{kind}{times}"
