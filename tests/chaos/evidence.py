"""What the checking program looks at, read with plain SQL, json and xml: none of the product's code reads for it."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection, create_engine, text

from tests.chaos.planned import Truth

Series = tuple[str, str, str]
"""Target, suite and outcome."""


@dataclass(frozen=True)
class StoredRun:
    """The row of the run. Times are milliseconds since 1970, UTC."""

    id: str
    state: str
    created_ms: int
    finished_ms: int | None
    total: int
    totals: dict[str, int]
    stale_records: int


@dataclass(frozen=True)
class StoredTest:
    """A row of the work table."""

    number: int
    test_id: str
    suite: str
    target: str
    state: str
    outcome: str | None
    cause: str | None
    lease: int


@dataclass(frozen=True)
class StoredAttempt:
    """A row of the attempts."""

    number: int
    lease: int
    outcome: str | None
    worker: str
    started_ms: int
    ended_ms: int
    stale: bool
    superseded: bool
    details: dict[str, Any]

    @property
    def counts(self) -> bool:
        """Whether it speaks for its test."""
        return not (self.stale or self.superseded)

    @property
    def is_conclusive(self) -> bool:
        """Whether it says anything about the test. An attempt that was aborted although nobody cancelled is lost."""
        return self.outcome not in ("lost", "aborted")


@dataclass(frozen=True)
class Vitals:
    """A worker that idled for ten seconds, before the run and after it."""

    worker: str
    rss_before_mb: float
    rss_after_mb: float
    descriptors_before: int
    descriptors_after: int


@dataclass(frozen=True)
class Observed:
    """What was seen beside the store after the run: things that should be gone, secrets, how the workers fare."""

    left_over: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    workers: tuple[Vitals, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """Everything about one run. What was not handed in is None, and is not compared."""

    truth: Truth
    run: StoredRun
    tests: tuple[StoredTest, ...]
    attempts: Mapping[int, Sequence[StoredAttempt]]
    ended: Mapping[Series, int]
    """Tests of all closed runs in the store."""
    stale_everywhere: int = 0
    report: dict[str, Any] | None = None
    junit: ElementTree.Element | None = None
    metrics: Mapping[Series, int] | None = None
    stale_metric: int | None = None
    calls: Mapping[str, int] | None = None
    observed: Observed = Observed()
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Name → text of all that may be seen by people: no secret may stand there."""

    def by_id(self) -> dict[str, list[StoredTest]]:
        """The stored tests by id; each list should hold one."""
        found: dict[str, list[StoredTest]] = defaultdict(list)
        for test in self.tests:
            found[test.test_id].append(test)
        return found

    def counting(self, number: int) -> list[StoredAttempt]:
        """The attempts that speak for a test, by lease."""
        return [attempt for attempt in self.attempts.get(number, ()) if attempt.counts]


def read_store(url: str, run_id: str, truth: Truth) -> Evidence:
    """The evidence that the database holds. Raises LookupError when it does not know the run."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        evidence = Evidence(
            truth=truth,
            run=_read_run(connection, run_id),
            tests=_read_tests(connection, run_id),
            attempts=_read_attempts(connection, run_id),
            ended=_read_ended(connection),
            stale_everywhere=int(connection.execute(text("SELECT sum(stale_records) FROM runs")).scalar_one()),
        )
    engine.dispose()
    return evidence


def _read_run(connection: Connection, run_id: str) -> StoredRun:
    columns = "id, state, created_ms, finished_ms, total, totals, stale_records"
    row = connection.execute(text(f"SELECT {columns} FROM runs WHERE id = :run"), {"run": run_id}).mappings().first()
    if row is None:
        raise LookupError(f"the store knows no run {run_id}")
    return StoredRun(**{**row, "totals": _json(row["totals"])})


def _read_tests(connection: Connection, run_id: str) -> tuple[StoredTest, ...]:
    query = text(
        "SELECT number, test_id, suite, target, state, outcome, cause, lease FROM tests WHERE run_id = :run "
        "ORDER BY number"
    )
    return tuple(StoredTest(**row) for row in connection.execute(query, {"run": run_id}).mappings())


def _read_attempts(connection: Connection, run_id: str) -> dict[int, list[StoredAttempt]]:
    query = text(
        "SELECT number, lease, outcome, worker, started_ms, ended_ms, stale, superseded, details FROM attempts "
        "WHERE run_id = :run ORDER BY number, lease, started_ms"
    )
    found: dict[int, list[StoredAttempt]] = defaultdict(list)
    for row in connection.execute(query, {"run": run_id}).mappings():
        found[row["number"]].append(StoredAttempt(**{**row, "details": _json(row["details"])}))
    return dict(found)


def _read_ended(connection: Connection) -> dict[Series, int]:
    query = text(
        "SELECT target, suite, outcome, count(*) FROM tests JOIN runs ON runs.id = tests.run_id "
        "WHERE runs.state = 'closed' AND outcome IS NOT NULL GROUP BY target, suite, outcome"
    )
    return {(target, suite, outcome): count for target, suite, outcome, count in connection.execute(query)}


def read_metrics(page: str) -> tuple[dict[Series, int], int | None]:
    """`mcp_test_total` by series, and the counter of stale records."""
    counts: dict[Series, int] = {}
    stale = None
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            if sample.name == "mcp_test_total":
                counts[sample.labels["server"], sample.labels["suite"], sample.labels["outcome"]] = int(sample.value)
            elif sample.name == "mcp_farm_stale_records_total":
                stale = int(sample.value)
    return counts, stale


def read_calls(folder: Path) -> Counter[str]:
    """How often each test was called, from all call logs below `folder`: lines of `call NAME PID`."""
    lines = (line for file in sorted(folder.glob("*.calls")) for line in file.read_text().splitlines())
    return Counter(line.split()[1] for line in lines if line.startswith("call "))


def read_observed(file: Path) -> Observed:
    """What the harness wrote down."""
    body = json.loads(file.read_text())
    return Observed(
        left_over=tuple(body.get("left_over", ())),
        secrets=tuple(body.get("secrets", ())),
        workers=tuple(Vitals(**vitals) for vitals in body.get("workers", ())),
    )


def _json(value: Any) -> Any:
    """PostgreSQL hands out values, SQLite their text."""
    return json.loads(value) if isinstance(value, str) else value
