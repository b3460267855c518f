"""The schema: made at once or by migrations, it is the same, on both databases."""

import re
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from harness.errors import FarmError, FarmUnreachable, UsageError
from scheduler.store.database import HEAD, open_engine, open_store, own_metadata
from scheduler.store.migrate import configuration, upgrade


def described(engine: Engine) -> dict[str, object]:
    """All that the database says of its tables: columns, keys, indexes with their conditions."""
    found = inspect(engine)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(table)
            ],
            "primary": found.get_pk_constraint(table)["constrained_columns"],
            "foreign": sorted(str(sorted(key.items(), key=str)) for key in found.get_foreign_keys(table)),
            "unique": sorted(str(key["column_names"]) for key in found.get_unique_constraints(table)),
            "indexes": sorted(
                (str(index["name"]), str(index["column_names"]), index["unique"], conditions(index))
                for index in found.get_indexes(table)
            ),
        }
        for table in sorted(found.get_table_names())
    }


def conditions(index: object) -> list[str]:
    options = dict(index)["dialect_options"]  # type: ignore[call-overload]  # SQLAlchemy's TypedDict, as a mapping
    return sorted(
        re.sub(r"[()\s]|::\w+(\s\w+)*|\[\]", "", str(value)) for key, value in options.items() if "where" in key
    )


def test_a_fresh_database_and_a_migrated_one_have_the_same_schema(database_url: str, tmp_path: Path) -> None:
    migrated = open_engine(database_url)
    upgrade(migrated)
    by_migration = described(migrated)
    with migrated.begin() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == HEAD
        connection.execute(text("DROP TABLE alembic_version"))
        own_metadata().drop_all(connection)
        own_metadata().create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    assert described(migrated) == by_migration
    migrated.dispose()


def test_opening_a_store_leaves_nothing_for_a_migration_to_do(database_url: str) -> None:
    open_store(database_url).close()
    engine = open_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), own_metadata()) == []
    engine.dispose()


def test_the_head_that_the_code_names_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(configuration()).get_current_head() == HEAD


def test_an_empty_revision_is_brought_up_to_date(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    engine.dispose()
    with open_store(database_url) as store, store.session() as session:
        assert session.connection().execute(text("SELECT count(*) FROM runs")).scalar_one() == 0


def test_a_database_of_a_newer_program_is_refused_and_left_alone(database_url: str) -> None:
    open_store(database_url).close()
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(FarmError, match="another version of this program"):
        open_store(database_url)


def test_a_sqlite_file_is_private_and_in_wal_mode(tmp_path: Path) -> None:
    path = tmp_path / "new" / "farm.db"
    with open_store(f"sqlite:///{path}") as store, store.session() as session:
        assert session.connection().execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert session.connection().execute(text("PRAGMA synchronous")).scalar_one() == 1
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/name", "sqlite://", "sqlite:///:memory:"])
def test_a_url_of_anything_else_is_refused_with_what_was_expected(url: str) -> None:
    with pytest.raises(UsageError, match="database_url"):
        open_store(url)


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(FarmUnreachable, match=r"127\.0\.0\.1") as caught:
        open_store("postgresql://farm:secret@127.0.0.1:1/farm")
    assert "secret" not in str(caught.value)
