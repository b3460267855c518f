"""Brings an existing database to the newest schema. The only module that imports alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from harness.errors import FarmError
from scheduler.store.database import lock_number

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Run the missing migrations, one process at a time. Raises FarmError for a schema newer than this program."""
    with engine.execution_options(writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            key = lock_number("migration")
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
        try:
            command.upgrade(configuration(connection), "head")
        except CommandError as error:
            raise FarmError(f"the database was made by another version of this program: {error}; upgrade it") from error


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
