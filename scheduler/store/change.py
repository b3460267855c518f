"""A change of one run: its lock, its row, and the counters, in one transaction. Everything that moves tests has one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from harness.errors import RunMissing
from scheduler.store.counters import Increments
from scheduler.store.database import Store, run_lock
from scheduler.store.gates import open_gates
from scheduler.store.tables import RUNS

_R = RUNS.c
_WRITTEN = (
    "state",
    "finished_ms",
    "cancelled_ms",
    "stop_reason",
    "stop_outcome",
    "retries",
    "notice",
    "totals",
    "seq",
    "stale_records",
    "poison_records",
    "exit_code",
    "held_plans",
)


@dataclass(slots=True)
class RunRow:
    """A run as its row has it. What is changed within a Change is written at its end."""

    id: str
    project: str
    scope: str
    selection: str
    pool: str
    total: int
    fail_fast: bool
    state: str
    finished_ms: int | None
    cancelled_ms: int | None
    stop_reason: str
    stop_outcome: str | None
    retries: int
    notice: str
    deadline_ms: int | None
    created_ms: int
    totals: dict[str, int]
    seq: int
    stale_records: int
    poison_records: int
    exit_code: int | None
    held_plans: int

    @property
    def left(self) -> int:
        """How many tests have no outcome yet."""
        return self.total - sum(self.totals.values())


# Built once: building a statement costs more than running it on SQLite.
_LOAD = select(*(_R[name] for name in RunRow.__slots__)).where(_R.id == bindparam("b_id"))
_SAVE = update(RUNS).where(_R.id == bindparam("b_id")).values({name: bindparam(name) for name in _WRITTEN})


@dataclass
class Change:
    """An open transaction on a run whose lock is held."""

    session: Session
    run: RunRow
    counters: Increments = field(default_factory=Increments)


@contextmanager
def changing(store: Store, run_id: str) -> Iterator[Change]:
    """Change a run; all of it is committed at the end of the block, or nothing. Raises RunMissing."""
    with store.writing(run_lock(run_id)) as session:
        change = Change(session, load_run(session, run_id))
        yield change
        if change.run.held_plans:
            change.run.held_plans = open_gates(session, run_id)
        _save(session, change.run)
        change.counters.write(session)


def load_run(session: Session, run_id: str) -> RunRow:
    """The row of a run. Raises RunMissing."""
    found = session.connection().execute(_LOAD, {"b_id": run_id}).one_or_none()
    if found is None:
        raise RunMissing(f"there is no run '{run_id[:80]}'")
    return RunRow(*found)


def _save(session: Session, run: RunRow) -> None:
    values = {name: getattr(run, name) for name in _WRITTEN}
    session.connection().execute(_SAVE, {"b_id": run.id, **values})
