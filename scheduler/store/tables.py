"""The tables, and what each column means. Owns the schema; holds no queries.

Times are milliseconds since 1970 in UTC (`…_ms`): the same in SQLite and PostgreSQL. Columns called `state`, `outcome`
and `cause` hold the words of `scheduler.state.machine`, `TestOutcome`, `AttemptOutcome` and `CauseKind`.
"""

from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, Float, ForeignKeyConstraint, Index, Text, false, text, true
from sqlmodel import Field, SQLModel

from scheduler.state.machine import IN_FLIGHT as IN_FLIGHT_STATES
from scheduler.state.machine import TestState

# Conditions of partial indexes. A query finds the index only when it says exactly the same text.
IN_FLIGHT = "state IN ({})".format(", ".join(f"'{state}'" for state in IN_FLIGHT_STATES))
READY = f"state = '{TestState.READY}'"
RETRY_WAIT = f"state = '{TestState.RETRY_WAIT}'"
GROUPED = "grouped"


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


class Run(SQLModel, table=True):
    """One submission. Its row is locked by whoever changes any of its tests."""

    __tablename__ = "runs"
    __table_args__ = (
        Index("runs_state", "state", "created_ms"),
        Index("runs_created", "created_ms"),
        Index("runs_scope", "scope", "created_ms"),
    )

    id: str = Field(primary_key=True, max_length=32)
    project: str = Field(max_length=200)
    name: str = Field(default="", sa_type=Text)
    bundle: str = Field(max_length=64)
    pool: str = Field(max_length=40)
    state: str = Field(default="running", max_length=16)
    created_ms: int = Field(sa_type=BigInteger)
    finished_ms: int | None = Field(default=None, sa_type=BigInteger)
    cancelled_ms: int | None = Field(default=None, sa_type=BigInteger)
    stop_reason: str = Field(default="", sa_type=Text, description="why no further test of this run starts")
    fail_fast: bool = False
    total: int
    totals: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    seq: int = Field(default=0, description="last number given to an event of this run")
    stale_records: int = 0
    poison_records: int = Field(default=0, description="entries of the stream that could not be read")
    exit_code: int | None = None
    warnings: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    lane: str = Field(default="batch", max_length=16, sa_column_kwargs={"server_default": "batch"})
    deadline_ms: int | None = Field(default=None, sa_type=BigInteger)
    stop_outcome: str | None = Field(default=None, max_length=16, description="of tests that a stopped run leaves")
    retries: int = Field(default=0, sa_column_kwargs={"server_default": "0"}, description="used by all its tests")
    notice: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    held_plans: int = Field(
        default=0, sa_column_kwargs={"server_default": "0"}, description="suites that wait for others"
    )
    scope: str = Field(
        default="",
        max_length=64,
        sa_column_kwargs={"server_default": ""},
        description="digest of project, suites and targets: runs of one scope can be compared",
    )
    selection: str = Field(
        default="",
        max_length=64,
        sa_column_kwargs={"server_default": ""},
        description="digest of what was selected; empty: everything",
    )


class RunPlan(SQLModel, table=True):
    """One suite against one target within a run; the plan itself is a blob."""

    __tablename__ = "run_plans"
    __table_args__ = (ForeignKeyConstraint(["run_id"], ["runs.id"], ondelete="CASCADE"),)

    run_id: str = Field(primary_key=True, max_length=32)
    plan: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    digest: str = Field(max_length=64)
    suite: str = Field(sa_type=Text)
    target: str = Field(sa_type=Text)
    file: str = Field(default="", sa_type=Text)
    max_concurrency: int
    fail_fast: bool = False
    stop_reason: str = Field(default="", sa_type=Text, description="why no further test of this suite starts")
    retry: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)), description="Retry")
    server: str = Field(
        default="",
        max_length=64,
        sa_column_kwargs={"server_default": ""},
        description="digest of what is tested",
    )
    waits_for: list[int] = Field(
        default_factory=list,
        sa_column=Column(JSON, nullable=False, server_default="[]"),
        description="suites of the run that must pass before",
    )
    held: bool = Field(default=False, sa_column_kwargs={"server_default": false()}, description="still waits for them")
    required_success_rate: float | None = Field(default=None, sa_type=Float)
    stop_outcome: str = Field(
        default="",
        max_length=16,
        sa_column_kwargs={"server_default": ""},
        description="of tests that a stopped suite leaves; empty: not_run",
    )
    requires: list[str] = Field(
        default_factory=list,
        sa_column=Column(JSON, nullable=False, server_default="[]"),
        description="what its worker must offer",
    )


class Test(SQLModel, table=True):
    """One planned test: the work table. Its state changes only as `scheduler.state.machine` says."""

    __test__: ClassVar[bool] = False
    __tablename__ = "tests"
    __table_args__ = (
        ForeignKeyConstraint(["run_id", "plan"], ["run_plans.run_id", "run_plans.plan"], ondelete="CASCADE"),
        _partial("tests_ready", "run_id", "plan", "rank", where=READY),
        _partial("tests_in_flight", "run_id", "plan", "unit", where=IN_FLIGHT),
        _partial("tests_grouped", "run_id", "unit", where=GROUPED),
        _partial("tests_waiting", "run_id", "not_before_ms", where=RETRY_WAIT),
        _partial("tests_finished", "run_id", "seq", where="seq IS NOT NULL"),
        Index("tests_history", "project", "test_id"),
    )

    run_id: str = Field(primary_key=True, max_length=32)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    plan: int
    project: str = Field(max_length=200)
    suite: str = Field(sa_type=Text)
    target: str = Field(sa_type=Text)
    test_id: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    tool: str = Field(default="", sa_type=Text)
    file: str = Field(default="", sa_type=Text)
    line: int = 0
    tags: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    grouped: bool = False
    unit: int = Field(description="number of the group's head; of the test itself outside groups")
    shard: int
    rank: int = Field(description="order of publishing within the run")
    state: str = Field(max_length=16)
    lease: int = Field(default=0, description="the current lease; 0 before the first")
    losses: int = Field(default=0, description="leases that ended without a record")
    not_before_ms: int | None = Field(default=None, sa_type=BigInteger)
    published_ms: int | None = Field(default=None, sa_type=BigInteger)
    missed_ms: int | None = Field(default=None, sa_type=BigInteger, description="recovery saw no reason for its wait")
    outcome: str | None = Field(default=None, max_length=16)
    cause: str | None = Field(default=None, max_length=32)
    reason: str = Field(default="", sa_type=Text)
    duration_s: float = Field(default=0.0, sa_type=Float)
    seq: int | None = Field(default=None, description="its place among the run's events, once it has an outcome")
    counted: bool = Field(default=False, description="is part of the counters: cannot be opened again")
    idempotent: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    retries: int = Field(default=0, sa_column_kwargs={"server_default": "0"}, description="used by this test")
    avoid: str = Field(
        default="",
        sa_type=Text,
        sa_column_kwargs={"server_default": ""},
        description="workers that lost or failed it, one per line; of a group at its head",
    )


class Attempt(SQLModel, table=True):
    """One record as it came, whole in `details`. Rows are added, never changed but for `superseded`."""

    __tablename__ = "attempts"
    __table_args__ = (
        ForeignKeyConstraint(["run_id", "number"], ["tests.run_id", "tests.number"], ondelete="CASCADE"),
        _partial("attempts_accepted", "run_id", "number", "lease", where="NOT stale", unique=True),
    )

    run_id: str = Field(primary_key=True, max_length=32)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    lease: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    digest: str = Field(primary_key=True, max_length=32, description="of the record's text: the same record comes once")
    outcome: str | None = Field(default=None, max_length=16)
    worker: str = Field(sa_type=Text)
    started_ms: int = Field(sa_type=BigInteger)
    ended_ms: int = Field(sa_type=BigInteger)
    stale: bool = Field(default=False, description="its lease was no longer current")
    superseded: bool = Field(default=False, description="its group started again")
    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False), description="AttemptRecord")


class Counter(SQLModel, table=True):
    """A figure that only grows, for /metrics. Changed in the transaction that changes what it counts."""

    __tablename__ = "counters"

    name: str = Field(primary_key=True, max_length=80)
    labels: str = Field(primary_key=True, max_length=1000, description="canonical JSON object")
    value: float = Field(sa_type=Float)


class Fact(SQLModel, table=True):
    """What the farm must remember about itself: its secret, the Redis it last saw."""

    __tablename__ = "facts"

    name: str = Field(primary_key=True, max_length=80)
    value: str = Field(sa_type=Text)
    since_ms: int = Field(sa_type=BigInteger)


class ApiKey(SQLModel, table=True):
    """A key of the API. Only its hash is kept."""

    __tablename__ = "api_keys"

    id: str = Field(primary_key=True, max_length=32)
    project: str = Field(max_length=200, description="whose runs it may see and start; `*` is all")
    name: str = Field(sa_type=Text)
    key_hash: str = Field(max_length=128, unique=True)
    created_ms: int = Field(sa_type=BigInteger)
    revoked_ms: int | None = Field(default=None, sa_type=BigInteger)


class ScheduledRun(SQLModel, table=True):
    """One planned start of a schedule: whoever inserts the row starts the run, so two beats start it once."""

    __tablename__ = "scheduled_runs"

    schedule: str = Field(primary_key=True, max_length=80)
    planned_ms: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    run_id: str | None = Field(default=None, max_length=32)
    problem: str = Field(default="", sa_type=Text)


class TargetHealth(SQLModel, table=True):
    """A target whose server could not be started of late. No row: nothing is wrong."""

    __tablename__ = "target_health"

    project: str = Field(primary_key=True, max_length=200)
    target: str = Field(primary_key=True, max_length=400, description="pool and digest of the server")
    failures: int = Field(description="in a row")
    opened_ms: int | None = Field(default=None, sa_type=BigInteger, description="since when its tests wait")
    probed_ms: int | None = Field(default=None, sa_type=BigInteger, description="when a test was last let through")
    failed_ms: int = Field(sa_type=BigInteger, description="the latest failure")
    evidence: str = Field(sa_type=Text, description="what the latest failure said")


class BlobOwner(SQLModel, table=True):
    """A blob that a project sent, so that it may read it and start runs of it."""

    __tablename__ = "blob_owners"

    project: str = Field(primary_key=True, max_length=200)
    digest: str = Field(primary_key=True, max_length=64)


class RunCause(SQLModel, table=True):
    """A cause of a closed run on one server: what the next run is compared with. At most about 1,000 of a run."""

    __tablename__ = "run_causes"
    __table_args__ = (ForeignKeyConstraint(["run_id"], ["runs.id"], ondelete="CASCADE"),)

    run_id: str = Field(primary_key=True, max_length=32)
    key: str = Field(primary_key=True, max_length=16)
    target: str = Field(primary_key=True, sa_type=Text)
    title: str = Field(sa_type=Text)
    tests: int = Field(description="how many have it")
    example_id: str = Field(sa_type=Text, description="id of a test that has it")
    since_run: str = Field(max_length=32, description="first of an unbroken row of runs that have it; may be gone")
    since_ms: int = Field(sa_type=BigInteger)


class RunLook(SQLModel, table=True):
    """What a closed run was found to be against the one before."""

    __tablename__ = "run_looks"
    __table_args__ = (ForeignKeyConstraint(["run_id"], ["runs.id"], ondelete="CASCADE"),)

    run_id: str = Field(primary_key=True, max_length=32)
    versions: dict[str, str] = Field(sa_column=Column(JSON, nullable=False), description="of its servers, by target")
    comparison: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True)), description="Comparison"
    )


class RunBlob(SQLModel, table=True):
    """A blob that an attempt of a run has left behind. `size_bytes`: what it counts in the run's budget."""

    __tablename__ = "run_blobs"
    __table_args__ = (ForeignKeyConstraint(["run_id"], ["runs.id"], ondelete="CASCADE"),)

    run_id: str = Field(primary_key=True, max_length=32)
    digest: str = Field(primary_key=True, max_length=64)
    size_bytes: int = Field(sa_type=BigInteger)


# The same tables for Core statements, which one code path for both databases is written in.
RUNS = SQLModel.metadata.tables["runs"]
RUN_PLANS = SQLModel.metadata.tables["run_plans"]
TESTS = SQLModel.metadata.tables["tests"]
ATTEMPTS = SQLModel.metadata.tables["attempts"]
COUNTERS = SQLModel.metadata.tables["counters"]
FACTS = SQLModel.metadata.tables["facts"]
TARGET_HEALTH = SQLModel.metadata.tables["target_health"]
BLOB_OWNERS = SQLModel.metadata.tables["blob_owners"]
RUN_CAUSES = SQLModel.metadata.tables["run_causes"]
RUN_LOOKS = SQLModel.metadata.tables["run_looks"]
RUN_BLOBS = SQLModel.metadata.tables["run_blobs"]
