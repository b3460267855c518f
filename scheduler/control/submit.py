"""Accepts a run: its bundle becomes plans, and one transaction makes the run and all its tests."""

import hashlib
import secrets
from collections.abc import Sequence

from pydantic import ValidationError
from sqlmodel import Session

from harness.errors import BlobMissing, Problem, SuiteErrors, UsageError
from harness.models.job import Bundle, SuitePlan
from harness.models.outcomes import CauseKind, TestOutcome
from harness.models.run import RunRequest, RunView
from harness.suites.bundle import canonical_json
from harness.suites.expand import plan_suite
from harness.suites.load import LoadedSuite, load_suite
from harness.suites.select import select
from scheduler.control.close import close_if_done
from scheduler.control.farm import Farm
from scheduler.plan.rows import TestRow, rows_of
from scheduler.state.machine import Event, EventKind, Status, TestState, advance
from scheduler.store.counters import Increments
from scheduler.store.database import run_lock
from scheduler.store.queries import run_view
from scheduler.store.tables import TESTS, Run, RunPlan
from scheduler.store.values import now_ms, storable

MAX_WARNINGS = 200


def submit(farm: Farm, request: RunRequest) -> RunView:
    """Store a run and all its tests; the caller dispatches (or sends `farm.dispatch`) afterwards.

    Raises SuiteErrors, NothingSelected, UsageError or BlobMissing, and then nothing is kept.
    """
    bundle = _read_bundle(farm, request.bundle)
    suites = _load(farm, bundle, lenient=request.lenient)
    plans = select(_plan(suites, bundle, request), request.selection)
    run = _new_run(farm, request, plans, _warnings(suites))
    digests = [_store_plan(farm, plan) for plan in plans]
    with farm.store.writing(run_lock(run.id)) as session:
        _insert(session, run, plans, digests, farm.settings.shards)
    close_if_done(farm, run.id)
    with farm.store.session() as session:
        return run_view(session, run.id)


def _read_bundle(farm: Farm, digest: str) -> Bundle:
    content = farm.blobs.get(digest)
    try:
        bundle = Bundle.model_validate_json(content)
    except ValidationError as error:
        raise UsageError(
            f"blob {digest} is not a bundle: {error.errors()[0]['msg']}; send the bundle's JSON"
        ) from error
    missing = [file for file in bundle.files if not farm.blobs.has(file.digest)]
    if missing:
        others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise BlobMissing(f"'{missing[0].path}' of the bundle{others} is not in the artefact store; send it first")
    return bundle


def _load(farm: Farm, bundle: Bundle, *, lenient: bool) -> list[LoadedSuite]:
    """All suites of the bundle, or all problems of all suites at once."""
    files = {file.path: file.digest for file in bundle.files}
    loaded: list[LoadedSuite] = []
    problems: list[Problem] = []
    for path in bundle.suites:
        if path not in files:
            raise UsageError(f"the bundle names the suite '{path}', which is not among its files")
        try:
            loaded.append(load_suite(farm.blobs.get(files[path]), path, lenient=lenient))
        except SuiteErrors as error:
            problems += error.problems
    if problems:
        raise SuiteErrors(tuple(problems))
    return loaded


def _plan(suites: Sequence[LoadedSuite], bundle: Bundle, request: RunRequest) -> list[SuitePlan]:
    plans: list[SuitePlan] = []
    number = 0
    for loaded in suites:
        plan = plan_suite(
            loaded, bundle=bundle, project=request.project, first_number=number, timeout_s=request.timeout_s
        )
        number += len(plan.tests)
        plans.append(plan)
    return plans


def _new_run(farm: Farm, request: RunRequest, plans: Sequence[SuitePlan], warnings: list[str]) -> Run:
    return Run(
        id=secrets.token_hex(6),
        project=request.project,
        name=storable(request.name)[:200],
        bundle=request.bundle,
        pool=farm.settings.pool,
        created_ms=now_ms(),
        fail_fast=request.fail_fast,
        total=sum(len(plan.tests) for plan in plans),
        warnings=warnings,
    )


def _warnings(suites: Sequence[LoadedSuite]) -> list[str]:
    found = [storable(str(problem)) for loaded in suites for problem in (*loaded.warnings, *loaded.deferred)]
    if len(found) <= MAX_WARNINGS:
        return found
    return [*found[:MAX_WARNINGS], f"and {len(found) - MAX_WARNINGS} more"]


def _store_plan(farm: Farm, plan: SuitePlan) -> str:
    content = canonical_json(plan)
    digest = hashlib.sha256(content).hexdigest()
    farm.blobs.put(content, digest)
    return digest


def _insert(session: Session, run: Run, plans: Sequence[SuitePlan], digests: Sequence[str], shards: int) -> None:
    rows = rows_of(plans, shards)
    skipped = [row for row in rows if row.is_skipped]
    run.seq = len(skipped)
    run.totals = {TestOutcome.SKIPPED.value: len(skipped)} if skipped else {}
    session.add(run)
    session.flush()
    session.add_all(_plan_row(run.id, index, plan, digests[index]) for index, plan in enumerate(plans))
    session.flush()
    places = {row.test.number: seq for seq, row in enumerate(skipped, 1)}
    session.connection().execute(
        TESTS.insert(), [_columns(run.id, row, plans[row.plan], places.get(row.test.number)) for row in rows]
    )
    counters = Increments()
    for row in skipped:
        counters.test(plans[row.plan].suite, plans[row.plan].target, TestOutcome.SKIPPED)
    counters.write(session)


def _plan_row(run_id: str, index: int, plan: SuitePlan, digest: str) -> RunPlan:
    return RunPlan(
        run_id=run_id,
        plan=index,
        digest=digest,
        suite=storable(plan.suite),
        target=storable(plan.target),
        file=storable(plan.file),
        max_concurrency=plan.max_concurrency,
        fail_fast=plan.fail_fast,
    )


def _columns(run_id: str, row: TestRow, plan: SuitePlan, seq: int | None) -> dict[str, object]:
    test, skipped = row.test, seq is not None
    return {
        "run_id": run_id,
        "number": test.number,
        "plan": row.plan,
        "project": storable(plan.project),
        "suite": storable(plan.suite),
        "target": storable(plan.target),
        "test_id": storable(test.test_id),
        "name": storable(test.name),
        "tool": storable(test.tool),
        "file": storable(test.file),
        "line": test.line,
        "tags": list(test.tags),
        "grouped": row.grouped,
        "unit": row.unit,
        "shard": row.place.shard,
        "rank": row.place.rank,
        "state": _first_state(row).value,
        "outcome": TestOutcome.SKIPPED.value if skipped else None,
        "cause": CauseKind.UNSUPPORTED.value if skipped and test.kind == "unsupported" else None,
        "reason": storable(test.skip_reason),
        "seq": seq,
        "counted": skipped,
    }


def _first_state(row: TestRow) -> TestState:
    kind = EventKind.SKIPPED if row.is_skipped else EventKind.PLANNED if row.is_head else EventKind.PLANNED_BEHIND
    return advance(Status(), Event(kind), 0).state
