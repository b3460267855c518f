"""The secrets of one process: resolved by name, followed when their file changes, remembered for scrubbing.

A value that was replaced is still scrubbed: servers that were given it may go on. Safe from one thread at a time.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.errors import SecretMissing
from harness.secrets.scrubber import Scrubber
from harness.secrets.values import PREFIX, secrets_in_environment, secrets_in_file

MAX_REMEMBERED = 2000
_Mark = tuple[int, int, int]


class SecretStore:
    """Raises UsageError, at once and when a changed file is wrong."""

    def __init__(self, environment: Mapping[str, str], file: Path | None) -> None:
        self._own = secrets_in_environment(environment)
        self._file = file
        self._seen: _Mark | None = None
        self._values: dict[str, str] = {}
        self._all: dict[tuple[str, str], None] = {}
        self._scrubber = Scrubber(())
        self._follow()

    @property
    def names(self) -> frozenset[str]:
        """Of all secrets that are known now."""
        self._follow()
        return frozenset(self._values)

    @property
    def scrubber(self) -> Scrubber:
        """Removes all values that were ever known here. Never fails."""
        return self._scrubber

    def resolve(self, name: str) -> str:
        """The value. Raises SecretMissing."""
        self._follow()
        try:
            return self._values[name]
        except KeyError:
            raise SecretMissing(missing([name])) from None

    def version(self, names: Iterable[str]) -> str:
        """Changes when one of these values does; empty without names. Says nothing about the values: it stays here."""
        self._follow()
        pairs = [f"{name}={self._values.get(name, '')}" for name in sorted(names)]
        return hashlib.sha256("\0".join(pairs).encode()).hexdigest()[:16] if pairs else ""

    def _follow(self) -> None:
        """Read the file again when it changed."""
        if self._file is None and self._values == self._own:
            return
        mark = _mark(self._file) if self._file else None
        if mark is None or mark != self._seen:
            found = secrets_in_file(self._file) if self._file else {}
            self._take({**found, **self._own})
            self._seen = mark

    def _take(self, values: dict[str, str]) -> None:
        self._values = values
        self._all |= dict.fromkeys(values.items())
        for old in list(self._all)[: max(0, len(self._all) - MAX_REMEMBERED)]:
            del self._all[old]
        self._scrubber = Scrubber(self._all)


def missing(names: Iterable[str]) -> str:
    """What to do about secrets that are named and not known."""
    listed = sorted(names)
    shown = ", ".join(f"'{name}'" for name in listed)
    word = "secrets are" if len(listed) > 1 else "secret is"
    ways = f"set {PREFIX}{listed[0]}, or name it in the file of MCPF_SECRETS_FILE"
    return f"the {word} not known here: {shown}; {ways}"


def _mark(file: Path) -> _Mark | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
