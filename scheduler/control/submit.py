"""Accepts a run: its bundle becomes plans, and one transaction makes the run and all its tests."""

import hashlib
import secrets
from collections.abc import Sequence

from sqlalchemy import update
from sqlmodel import Session

from harness.errors import BlobMissing, Problem, SuiteErrors, UsageError
from harness.models.job import Bundle, SuitePlan
from harness.models.outcomes import CauseKind, TestOutcome
from harness.models.run import OVERRUN_S, Lane, RunRequest, RunView
from harness.suites.bundle import canonical_json
from harness.suites.expand import Planning
from harness.suites.files import BundleFiles
from harness.suites.load import LoadedSuite, Loading, load_suites
from harness.suites.order import in_order, unknown_suites, waits_for
from harness.suites.received import read_bundle
from harness.suites.retrying import faults_of
from harness.suites.select import select
from harness.targets.choose import Chosen, choose
from harness.targets.plan import plan_chosen
from harness.targets.read import LoadedTarget
from harness.targets.travel import targets_in
from scheduler.control.close import close_if_done
from scheduler.control.farm import Farm
from scheduler.control.stop import carry_out
from scheduler.plan.rows import TestRow, rows_of
from scheduler.state.machine import Event, EventKind, Status, TestState, advance
from scheduler.store.counters import Increments
from scheduler.store.database import run_lock
from scheduler.store.looks import scope_of, selection_digest
from scheduler.store.owners import ALL_PROJECTS, held_by
from scheduler.store.queries import run_view
from scheduler.store.tables import RUN_PLANS, TESTS, Run, RunPlan
from scheduler.store.values import now_ms, storable

_P = RUN_PLANS.c
MAX_WARNINGS = 200
INTERACTIVE_TESTS = 200
"""A run of up to so many tests goes before larger ones, unless its sender says otherwise."""


def submit(farm: Farm, request: RunRequest, *, sender: str = ALL_PROJECTS) -> RunView:
    """Store a run and all its tests; the caller dispatches (or sends `farm.dispatch`) afterwards.

    `sender` is the project that must have sent the bundle and its files, `*` for whoever did.
    Raises SuiteErrors, NothingSelected, UsageError or BlobMissing, and then nothing is kept.
    """
    _refuse_bad_policy(request)
    bundle = _read_bundle(farm, request.bundle, sender)
    loading = _loading(farm, bundle, request)
    suites = _load(farm, bundle, loading)
    targets = targets_in(bundle, farm.blobs.get, loading)
    chosen = choose(suites, targets, request.selection)
    plans = select(_plan(farm, chosen, bundle, request), request.selection)
    waiting = waits_for(plans)
    run = _new_run(farm, request, plans, [*_warnings((*suites, *targets)), *map(storable, unknown_suites(plans))])
    run.held_plans = sum(map(bool, waiting))
    digests = [_store_plan(farm, plan) for plan in plans]
    with farm.store.writing(run_lock(run.id)) as session:
        _insert(session, run, plans, digests, farm.settings.shards)
        _hold(session, run.id, waiting)
    if run.held_plans:
        carry_out(farm, run.id)  # of suites that nothing is left to wait for
    close_if_done(farm, run.id)
    with farm.store.session() as session:
        return run_view(session, run.id)


def _refuse_bad_policy(request: RunRequest) -> None:
    faults = [fault.message for fault in faults_of(request.retry)] if request.retry else []
    if faults:
        raise UsageError(f"retry: {'; '.join(faults)}")


def _read_bundle(farm: Farm, digest: str, sender: str) -> Bundle:
    if _not_held(farm, [digest], sender):
        raise BlobMissing(f"the bundle {digest} is not in the artefact store; send it first")
    bundle = read_bundle(farm.blobs.get(digest), digest)
    missing = _not_held(farm, [file.digest for file in bundle.files], sender)
    paths = [file.path for file in bundle.files if file.digest in missing]
    if paths:
        others = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        raise BlobMissing(f"'{paths[0]}' of the bundle{others} is not in the artefact store; send it first")
    _compare_sizes(farm, bundle)
    return bundle


def _compare_sizes(farm: Farm, bundle: Bundle) -> None:
    """The bundle's limits were judged by the sizes that it tells."""
    for file in bundle.files:
        found = farm.blobs.size_bytes(file.digest)
        if found != file.size_bytes:
            raise UsageError(f"'{file.path}' of the bundle: expected {file.size_bytes} bytes as it says, found {found}")


def _not_held(farm: Farm, digests: Sequence[str], sender: str) -> frozenset[str]:
    """Those of `digests` that are not in the store, or that the sender of the run has not sent."""
    with farm.store.session() as session:
        held = held_by(session, sender, digests)
    return frozenset(digest for digest in digests if digest not in held or not farm.blobs.has(digest))


def _loading(farm: Farm, bundle: Bundle, request: RunRequest) -> Loading:
    files = {file.path: file.digest for file in bundle.files}
    return Loading(request.lenient, BundleFiles(files, farm.blobs.get), farm.settings.suite_environment)


def _load(farm: Farm, bundle: Bundle, loading: Loading) -> list[LoadedSuite]:
    """All suites of the bundle, or all problems of all suites at once."""
    files = {file.path: file.digest for file in bundle.files}
    loaded: list[LoadedSuite] = []
    problems: list[Problem] = []
    for path in bundle.suites:
        try:
            loaded.extend(load_suites(farm.blobs.get(files[path]), path, loading))
        except SuiteErrors as error:
            problems += error.problems
    if problems:
        raise SuiteErrors(tuple(problems))
    return loaded


def _plan(farm: Farm, chosen: Sequence[Chosen], bundle: Bundle, request: RunRequest) -> tuple[SuitePlan, ...]:
    environment = farm.settings.suite_environment
    planning = Planning(
        bundle,
        request.project,
        request.timeout_s,
        request.retry,
        environment=environment,
        shuffle=request.shuffle,
        snapshot_mode=request.snapshot_mode,
    )
    return plan_chosen(in_order(chosen, request.shuffle), planning)


def _new_run(farm: Farm, request: RunRequest, plans: Sequence[SuitePlan], warnings: list[str]) -> Run:
    now, total = now_ms(), sum(len(plan.tests) for plan in plans)
    return Run(
        id=secrets.token_hex(6),
        project=request.project,
        name=storable(request.name)[:200],
        bundle=request.bundle,
        pool=farm.settings.pool,
        created_ms=now,
        fail_fast=request.fail_fast,
        total=total,
        warnings=warnings,
        lane=(request.lane or (Lane.INTERACTIVE if total <= INTERACTIVE_TESTS else Lane.BATCH)).value,
        deadline_ms=now + int(_deadline_s(farm, request, plans) * 1000),
        scope=scope_of(request.project, [(plan.suite, plan.target) for plan in plans]),
        selection=selection_digest(request.selection),
    )


def _deadline_s(farm: Farm, request: RunRequest, plans: Sequence[SuitePlan]) -> float:
    """When the run ends whatever happens: later than any of its tests may."""
    deadline_s = request.deadline_s or farm.settings.run_deadline_s
    longest_s = max((test.timeout_s for plan in plans for test in plan.tests), default=0.0) + OVERRUN_S
    if deadline_s <= longest_s:
        raise UsageError(
            f"a deadline of {deadline_s:g} s: one test alone may take {longest_s:g} s with its grace; give more"
        )
    return deadline_s


def _warnings(sources: Sequence[LoadedSuite | LoadedTarget]) -> list[str]:
    found = [storable(str(problem)) for loaded in sources for problem in (*loaded.warnings, *loaded.deferred)]
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


def _hold(session: Session, run_id: str, waiting: Sequence[Sequence[int]]) -> None:
    """Suites that wait for others are not dispatched before those have passed."""
    for plan, others in enumerate(waiting):
        if others:
            which = update(RUN_PLANS).where(_P.run_id == run_id, _P.plan == plan)
            session.connection().execute(which.values(held=True, waits_for=list(others)))


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
        retry=None if plan.retry is None else plan.retry.model_dump(mode="json"),
        required_success_rate=plan.required_success_rate,
        server=_server_digest(plan),
        requires=list(plan.requires),
    )


def _server_digest(plan: SuitePlan) -> str:
    """What a breaker knows a server by, over runs and suites: how it is started, and what it is installed from."""
    installed = canonical_json(plan.install) if plan.install else b""
    return hashlib.sha256(canonical_json(plan.server) + installed).hexdigest()


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
        "idempotent": test.idempotent,
    }


def _first_state(row: TestRow) -> TestState:
    kind = EventKind.SKIPPED if row.is_skipped else EventKind.PLANNED if row.is_head else EventKind.PLANNED_BEHIND
    return advance(Status(), Event(kind), 0).state
