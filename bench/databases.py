"""Both databases for benches: a SQLite file, and a PostgreSQL of our own without syncs (a commit costs a disk the same
on both sides of every ratio)."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.machines import PostgresProcess

KINDS = ("sqlite", "postgresql")


@contextmanager
def open_database(kind: str, folder: Path) -> Iterator[str]:
    """URL of an empty database below `folder`, which other users must be able to enter; gone at the end."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'farm.db'}"
        return
    port = _free_port()
    server = PostgresProcess(folder / "postgresql", port)
    server.start()
    try:
        yield server.url(port)
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
