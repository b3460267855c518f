"""The ceiling of a worker's own memory: above it the process is to be replaced by a fresh one."""

import os
from collections.abc import Callable
from pathlib import Path

_STATM = Path("/proc/self/statm")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class MemoryCeiling:
    """Looked at with each heartbeat; `retire` is called when the process has outgrown `ceiling_bytes`.

    Not before its first test: under a ceiling that is lower than an idle process, tests would never be run.
    """

    def __init__(
        self, ceiling_bytes: int, retire: Callable[..., None], rss_bytes: "Callable[[], int] | None" = None
    ) -> None:
        self._ceiling_bytes = ceiling_bytes
        self._retire = retire
        self._rss_bytes = rss_bytes or own_rss_bytes

    def look(self, tests_taken: int) -> None:
        """Compare."""
        rss_bytes = self._rss_bytes()
        if tests_taken and rss_bytes > self._ceiling_bytes:
            self._retire(
                "it has outgrown its memory ceiling", rss_mb=_mb(rss_bytes), ceiling_mb=_mb(self._ceiling_bytes)
            )


def own_rss_bytes() -> int:
    """The resident memory of this process; 0 where the system does not say."""
    try:
        return int(_STATM.read_text().split()[1]) * _PAGE_BYTES
    except (OSError, ValueError, IndexError):
        return 0


def _mb(size_bytes: int) -> int:
    return size_bytes // (1024 * 1024)
