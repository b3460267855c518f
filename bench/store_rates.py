"""Records a second into the store, beside a bare `executemany` of the same bytes: batches of 500, taken in turn."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from bench.bare_farm import bare_farm, request_of
from bench.databases import KINDS
from bench.stand_in import record_text
from harness.models.attempt import AttemptRecord
from harness.models.job import TestMessage
from scheduler.control.farm import Farm
from scheduler.control.merge import merge
from scheduler.control.stream import BATCH, Entry
from scheduler.control.submit import submit
from scheduler.store.attempts import digest_of
from scheduler.store.database import run_lock
from scheduler.store.values import now_ms
from scheduler.store.work import Published, publish

TESTS = 20_000
_TABLE = """CREATE TABLE bare (run_id VARCHAR(32), number INTEGER, lease INTEGER, digest VARCHAR(32), details TEXT,
PRIMARY KEY (run_id, number, lease, digest))"""

Row = tuple[str, int, int, str, str]
Insert = Callable[[Sequence[Row]], None]


def measure_store() -> dict[str, float]:
    """Both databases."""
    return {name: value for kind in KINDS for name, value in store_rates(kind, TESTS).items()}


def store_rates(kind: str, tests: int) -> dict[str, float]:
    """Merged records and bare rows a second, and the ratio of the two."""
    with bare_farm(kind) as farm:
        batches = _batches(farm, tests)
        insert = _bare_insert(farm)
        merged_s = inserted_s = 0.0
        for batch in batches:
            merged_s += _seconds(lambda batch=batch: _merge(farm, batch))  # type: ignore[misc]
            rows = [_row(entry) for entry in batch]
            inserted_s += _seconds(lambda rows=rows: insert(rows))  # type: ignore[misc]
    return {
        f"merged_per_s_{kind}": tests / merged_s,
        f"bare_rows_per_s_{kind}": tests / inserted_s,
        f"merge_to_bare_{kind}": inserted_s / merged_s,
    }


def _batches(farm: Farm, tests: int) -> list[list[Entry]]:
    """Records of a whole run, whose tests are all published."""
    run_id = submit(farm, request_of(farm, tests)).run_id
    entries = [_entry(record_text(_message(run_id, test))) for test in _publish_all(farm, run_id, tests)]
    return [entries[start : start + BATCH] for start in range(0, tests, BATCH)]


def _publish_all(farm: Farm, run_id: str, tests: int) -> list[Published]:
    published: list[Published] = []
    plan = 0
    while len(published) < tests:
        with farm.store.writing(run_lock(run_id)) as session:
            published += publish(session, run_id, plan, tests, now_ms())
        plan += 1
    return published


def _message(run_id: str, test: Published) -> TestMessage:
    return TestMessage(run_id=run_id, number=test.number, lease=test.lease, plan="", test_id=test.test_id, token="")


def _entry(text: str) -> Entry:
    return Entry("0-0", text, AttemptRecord.model_validate_json(text))


def _row(entry: Entry) -> Row:
    assert entry.record is not None
    return entry.record.run_id, entry.record.number, entry.record.lease, digest_of(entry.text), entry.text


def _merge(farm: Farm, batch: Sequence[Entry]) -> None:
    assert batch[0].record is not None
    accepted = merge(farm.store, batch[0].record.run_id, batch).accepted
    if accepted != len(batch):
        raise RuntimeError(f"expected {len(batch)} accepted records, found {accepted}")


def _bare_insert(farm: Farm) -> Insert:
    """One transaction for each call, on the same database or beside it with the same options."""
    url = make_url(farm.settings.database)
    if farm.store.is_sqlite:
        return _bare_sqlite(Path(str(url.database)).with_name("bare.db"))
    connection = psycopg.connect(url.render_as_string(hide_password=False))
    return _in_transactions(connection, "INSERT INTO bare VALUES (%s, %s, %s, %s, %s)")


def _bare_sqlite(path: Path) -> Insert:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return _in_transactions(connection, "INSERT INTO bare VALUES (?, ?, ?, ?, ?)")


def _in_transactions(connection: Any, statement: str) -> Insert:
    connection.cursor().execute(_TABLE)
    connection.commit()

    def insert(rows: Sequence[Row]) -> None:
        connection.cursor().executemany(statement, rows)
        connection.commit()

    return insert


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
