"""A store as a run of nine tests leaves it, and all that is written about it; the checker's tests falsify it."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.models.attempt import AttemptRecord, Cause
from harness.models.outcomes import AttemptOutcome, CauseKind
from scheduler.reports.json import render_json
from scheduler.reports.junit import render_junit
from scheduler.store.database import open_store
from scheduler.store.queries import run_report
from scheduler.store.tables import Attempt, Run, RunPlan, Test
from tests.chaos.planned import Planned, Truth

RUN, SECOND, SUITE, TARGET = "forged1", "forged2", "suite", "target"
START_MS, TOOK_MS = 1_700_000_000_000, 30_000
CANARY = "canary-of-the-servers"

Tried = tuple[int, str | None, bool, bool]
"""Lease, outcome, stale, superseded."""


@dataclass(frozen=True)
class Case:
    """One test: what became of it, its attempts, and how often it was called."""

    name: str
    outcome: str
    attempts: tuple[Tried, ...]
    calls: int = 1
    cause: str | None = None
    max_attempts: int = 1

    @property
    def test_id(self) -> str:
        """As the farm would name it."""
        return f"default/{SUITE}/{TARGET}/go/{self.name}"


CASES = (
    Case("plain", "passed", ((1, "passed", False, False), (1, "failed", True, False))),
    Case("wrong", "failed", ((1, "failed", False, False),), cause="check"),
    Case("moody", "flaky", ((1, "failed", False, False), (2, "passed", False, False)), calls=2, max_attempts=2),
    Case("left-out", "skipped", (), calls=0),
    Case("first", "passed", ((1, "passed", False, True), (2, "passed", False, False)), calls=2),
    Case("second", "failed", ((1, "passed", False, True), (2, "failed", False, False)), calls=2, cause="check"),
    Case("unlucky", "passed", ((1, "lost", False, False), (2, "passed", False, False))),
    Case("doomed", "error", tuple((n, "lost", False, False) for n in (1, 2, 3)), calls=3, cause="infrastructure"),
    Case("passed-over", "skipped", ((1, None, False, False),), calls=0, cause="dependency"),
)


@dataclass(frozen=True)
class Forgery:
    """The files of a finished run. `sql` falsifies the store; the files may be overwritten."""

    folder: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "farm.db"

    def sql(self, *statements: str) -> None:
        """Change the store behind the farm's back."""
        with sqlite3.connect(self.database) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def number(self, name: str) -> int:
        """The number of a test in the run."""
        return [case.name for case in CASES].index(name)

    def observe(self, **seen: object) -> None:
        """Write down what was observed beside the store."""
        (self.folder / "observed.json").write_text(json.dumps(seen))

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text that must be there, once."""
        path = self.folder / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))

    def arguments(self) -> list[str]:
        """The command line of the checker."""
        files = {
            "--truth": "truth.json",
            "--report-json": "report.json",
            "--junit": "junit.xml",
            "--metrics": "metrics.txt",
            "--calls": "",
            "--observed": "observed.json",
            "--output": "farm.log",
            "--second-truth": "truth.json",
        }
        paths = [part for option, file in files.items() for part in (option, str(self.folder / file))]
        return ["--database", f"sqlite:///{self.database}", "--run", RUN, "--second-run", SECOND, *paths]


def forge(folder: Path) -> Forgery:
    """A run and its twin in which nothing is wrong, with reports, metrics and call logs that agree."""
    forgery = Forgery(folder)
    with open_store(f"sqlite:///{forgery.database}") as store:
        with store.writing() as session:
            session.add_all(run_row(run) for run in (RUN, SECOND))
            session.flush()
            session.add_all(_plan(run) for run in (RUN, SECOND))
            session.flush()
            session.add_all(row for run in (RUN, SECOND) for row in _test_rows(run))
            session.flush()
            session.add_all(row for run in (RUN, SECOND) for row in _attempt_rows(run))
        with store.session() as session:
            report = run_report(session, RUN)
    (folder / "report.json").write_text(render_json(report))
    (folder / "junit.xml").write_text(render_junit(report))
    (folder / "metrics.txt").write_text(_metrics())
    (folder / "server.calls").write_text("".join(f"call {case.name} 1\n" * case.calls for case in CASES))
    (folder / "farm.log").write_text("nothing to see\n")
    truth().write(folder / "truth.json")
    forgery.observe()
    return forgery


def truth() -> Truth:
    """What must become of the cases."""
    tests = tuple(
        Planned(case.test_id, (case.outcome,), case.name if case.calls else "", case.max_attempts) for case in CASES
    )
    return Truth(seed=1, canary=CANARY, deadline_s=60, grace_s=10, tests=tests)


def run_row(run_id: str) -> Run:
    """The row of a closed run."""
    stale = sum(stale for case in CASES for _, _, stale, _ in case.attempts)
    return Run(
        id=run_id,
        project="default",
        bundle="b",
        pool="default",
        state="closed",
        created_ms=START_MS,
        finished_ms=START_MS + TOOK_MS,
        total=len(CASES),
        totals=dict(Counter(case.outcome for case in CASES)),
        stale_records=stale,
    )


def _plan(run_id: str) -> RunPlan:
    return RunPlan(run_id=run_id, plan=0, digest="d", suite=SUITE, target=TARGET, max_concurrency=4)


def _test_rows(run_id: str) -> Iterable[Test]:
    for number, case in enumerate(CASES):
        yield Test(
            run_id=run_id,
            number=number,
            plan=0,
            project="default",
            suite=SUITE,
            target=TARGET,
            test_id=case.test_id,
            name=case.name,
            unit=number,
            shard=0,
            rank=number,
            state="final",
            lease=max((lease for lease, *_ in case.attempts), default=0),
            outcome=case.outcome,
            cause=case.cause,
            seq=number + 1,
        )


def _attempt_rows(run_id: str) -> Iterable[Attempt]:
    for number, case in enumerate(CASES):
        for place, tried in enumerate(case.attempts):
            yield _attempt(run_id, number, place, tried)


def _attempt(run_id: str, number: int, place: int, tried: Tried) -> Attempt:
    lease, outcome, stale, superseded = tried
    started_ms = START_MS + place * 1000
    return Attempt(
        run_id=run_id,
        number=number,
        lease=lease,
        digest=f"digest{place}",
        outcome=outcome,
        worker=f"worker{place}",
        started_ms=started_ms,
        ended_ms=started_ms + 100,
        stale=stale,
        superseded=superseded,
        details=_details(run_id, number, lease, outcome),
    )


def _details(run_id: str, number: int, lease: int, outcome: str | None) -> dict[str, Any]:
    at = datetime.fromtimestamp(START_MS / 1000, UTC)
    record = AttemptRecord(
        run_id=run_id,
        number=number,
        test_id=CASES[number].test_id,
        lease=lease,
        worker="worker",
        outcome=AttemptOutcome(outcome) if outcome else None,
        cause=Cause(kind=CauseKind.CHECK),
        started_at=at,
        ended_at=at,
    )
    return record.model_dump(mode="json")


def _metrics() -> str:
    """Of both runs."""
    labels = f'server="{TARGET}",suite="{SUITE}"'
    lines = [
        f'mcp_test_total{{{labels},outcome="{outcome}"}} {2 * count}.0'
        for outcome, count in Counter(case.outcome for case in CASES).items()
    ]
    return "\n".join(["# TYPE mcp_test counter", *lines, "mcp_farm_stale_records_total 2.0"]) + "\n"
