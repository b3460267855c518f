"""Owns the connections to the database: opens it, brings its schema up to date, and gives transactions.

SQLite: WAL, writers take the lock at once (`begin immediate`). PostgreSQL: advisory locks, one per run and pool.
Importing this module must not import alembic: a fresh SQLite file is made from the tables directly.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, event, inspect, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlmodel import Session

from harness.errors import FarmUnreachable, UsageError
from scheduler.store import tables

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert

HEAD = "0008"
"""The newest migration; a test compares it with the folder."""

BUSY_TIMEOUT_MS = 15_000
LOCK_TIMEOUT_MS = 30_000
IDLE_TRANSACTION_MS = 60_000


class Store:
    """An open database at the current schema. `close` it, or use it as a context manager."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(writes=True)
        self._reader = engine if self.is_sqlite else engine.execution_options(isolation_level="REPEATABLE READ")

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the laptop's database: one writer at a time."""
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction for reading: one consistent view. Nothing is kept of what it changes."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self, *locks: str) -> Iterator[Session]:
        """A transaction that commits at the end of the block and alone holds the named locks until then."""
        with Session(self._writer, expire_on_commit=False, autoflush=False) as session, session.begin():
            session.connection()
            self.lock(session, *locks)
            yield session

    def lock(self, session: Session, *names: str) -> None:
        """Hold the named locks, too, until the transaction ends. All writers take `pool:` before `run:`."""
        if self.is_sqlite:
            return  # `begin immediate` is the one lock of SQLite
        for name in sorted(names):
            session.connection().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock_number(name)})

    def close(self) -> None:
        """End all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def lock_number(name: str) -> int:
    """The 64-bit number that PostgreSQL knows a lock by."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def run_lock(run_id: str) -> str:
    """Held by whoever changes a test of the run."""
    return f"run:{run_id}"


def pool_lock(pool: str) -> str:
    """Held by whoever publishes to the pool."""
    return f"pool:{pool}"


def insert_into(session: Session, table: Table) -> "sqlite.Insert | PostgresInsert":
    """An INSERT that may say what to do on conflict: the one statement that SQLAlchemy builds per database."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415  # slow, and nothing to a laptop

    return insert(table)


def open_store(url: str) -> Store:
    """Open the database, its schema made or migrated. Raises UsageError for a bad URL, FarmUnreachable, FarmError."""
    engine = open_engine(url)
    try:
        _bring_up_to_date(engine)
    except DatabaseError as error:
        engine.dispose()
        shown = engine.url.render_as_string(hide_password=True)
        raise FarmUnreachable(f"the database {shown} cannot be used: {error.orig}") from error
    except BaseException:
        engine.dispose()
        raise
    return Store(engine)


def open_engine(url: str) -> Engine:
    """An engine with our options, whatever the schema. Raises UsageError for a URL that names neither database."""
    address = _parse(url)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite(address)
    engine = create_engine(
        address.set(drivername="postgresql+psycopg"),
        json_serializer=dump_json,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10},
    )
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


class JsonText(str):
    """A text that is JSON already: stored as it is, not encoded a second time."""


def dump_json(value: Any) -> str:
    """What JSON columns are written with."""
    return str(value) if isinstance(value, JsonText) else json.dumps(value, separators=(",", ":"))


def _parse(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise UsageError("database_url is not a URL; expected sqlite:///path or postgresql://user@host/name") from error
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise UsageError(f"database_url: '{address.drivername}' is not supported; expected sqlite or postgresql")
    return address


def _open_sqlite(address: URL) -> Engine:
    if not address.database or address.database == ":memory:":
        raise UsageError("database_url: SQLite needs a file: sqlite:///path")
    path = Path(address.database)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(
        address, json_serializer=dump_json, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "isolation_level": None}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(connection: Any, _record: object) -> None:
    """A process that was stopped within a transaction loses it, and its locks; those who wait do not wait for ever."""
    connection.autocommit = True
    connection.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
    connection.execute(f"SET idle_in_transaction_session_timeout = {IDLE_TRANSACTION_MS}")
    connection.autocommit = False


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _bring_up_to_date(engine: Engine) -> None:
    if engine.dialect.name == "sqlite" and _create_fresh(engine):
        return
    if _revision(engine) == HEAD:
        return
    from scheduler.store import migrate  # noqa: PLC0415  # alembic costs 150 ms, and is needed once per upgrade

    migrate.upgrade(engine)


def _create_fresh(engine: Engine) -> bool:
    """Make the schema in an empty SQLite file at once. False when there is something in it already."""
    with engine.execution_options(writes=True).begin() as connection:
        if inspect(connection).get_table_names():
            return False
        own_metadata().create_all(connection, checkfirst=False)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
        return True


def own_metadata() -> MetaData:
    """The schema as the tables say it."""
    return tables.Run.metadata


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
