"""What a run is found to be when it closes: its causes and their age, against the last finished run of its scope.

A run is finished when every test of it has a result; one that was cancelled, or left tests out, is never compared
with. `scope` is the project with all suites and targets of the run: `selection`, what was picked among their tests.
Compared with is the newest finished run of the scope, submitted before, of everything or of the same selection.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session

from harness.models.causes import Comparison, VersionChange
from harness.models.outcomes import BAD, TestOutcome
from harness.models.run import RunState, Selection
from harness.safe_text import one_line
from scheduler.reports.cause_ages import CausePlace, KnownCause, fixed_causes
from scheduler.reports.causes import Group, group_symptoms
from scheduler.reports.verdict import ExitCode
from scheduler.store.causes import ids_of, known_causes, outcomes_by_id, save_causes, symptoms_of
from scheduler.store.change import RunRow, load_run
from scheduler.store.database import insert_into
from scheduler.store.tables import ATTEMPTS, RUN_LOOKS, RUN_PLANS, RUNS, TESTS
from scheduler.store.values import from_ms, storable

MAX_VERSION, MAX_CHANGES = 100, 200

_T, _A, _R, _P, _L = TESTS.c, ATTEMPTS.c, RUNS.c, RUN_PLANS.c, RUN_LOOKS.c
_SPOKE = [outcome.value for outcome in (TestOutcome.PASSED, TestOutcome.FLAKY, TestOutcome.FAILED, TestOutcome.TIMEOUT)]


@dataclass(frozen=True)
class Look:
    """What is to be stored of a run that closes. `seq`: the last event of the run when it was looked at."""

    seq: int
    groups: tuple[Group, ...]
    ages: Mapping[CausePlace, KnownCause]
    versions: Mapping[str, str]
    comparison: Comparison | None


def scope_of(project: str, suites: Iterable[tuple[str, str]]) -> str:
    """Digest of a project and its (suite, target) pairs: runs with the same one can be compared."""
    return _digest([project, sorted(set(suites))])


def selection_digest(selection: Selection) -> str:
    """Digest of what was picked among the tests; empty when all of them were."""
    picked = [selection.filter, sorted(selection.tags), sorted(selection.test_ids)]
    return _digest(picked) if any(picked) else ""


def look_at(session: Session, run: RunRow) -> Look:
    """Compare a run of which every test has an outcome. Reads only."""
    groups = group_symptoms(symptoms_of(session, run.id)) if _has_failed(run) else ()
    base_id = base_of(session, run)
    before = known_causes(session, base_id) if base_id else {}
    versions = _versions(session, run.id)
    ages = _ages(session, run, groups, before)
    comparison = _comparison(session, run, load_run(session, base_id), before, ages, versions) if base_id else None
    return Look(run.seq, groups, ages, versions, comparison)


def save_look(session: Session, run_id: str, look: Look) -> None:
    """Store it; a second time changes nothing."""
    save_causes(session, run_id, look.groups, look.ages)
    comparison = look.comparison.model_dump(mode="json") if look.comparison else None
    row = {"run_id": run_id, "versions": dict(look.versions), "comparison": comparison}
    session.connection().execute(insert_into(session, RUN_LOOKS).on_conflict_do_nothing(), row)


def stored_comparison(session: Session, run_id: str) -> Comparison | None:
    """What changed since the run before, as it was found when the run closed."""
    found = session.connection().execute(select(_L.comparison).where(_L.run_id == run_id)).scalar_one_or_none()
    return None if found is None else Comparison.model_validate(found)


def base_of(session: Session, run: RunRow) -> str | None:
    """The run that this one is compared with."""
    query = (
        select(_R.id)
        .where(_R.scope == run.scope, _R.scope != "", _R.created_ms <= run.created_ms, _R.id != run.id)
        .where(_R.state == RunState.CLOSED.value, _R.exit_code != int(ExitCode.INCOMPLETE))
        .where(_R.selection.in_({"", run.selection}))
        .order_by(_R.created_ms.desc(), _R.id.desc())
        .limit(1)
    )
    return session.connection().execute(query).scalar_one_or_none()


def _digest(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _has_failed(run: RunRow) -> bool:
    return any(run.totals.get(outcome.value) for outcome in BAD)


def _ages(
    session: Session, run: RunRow, groups: Iterable[Group], before: Mapping[CausePlace, KnownCause]
) -> dict[CausePlace, KnownCause]:
    """Each cause on each of its servers, with the run since which it is there."""
    found = [(group, target) for group in groups for target in group.targets]
    ids = ids_of(session, run.id, sorted({group.example.number for group, _ in found}))
    ages: dict[CausePlace, KnownCause] = {}
    for group, target in found:
        signature = group.signature
        known = before.get((signature.key, target))
        ages[signature.key, target] = KnownCause(
            key=signature.key,
            target=target,
            title=signature.title,
            tests=len(group.numbers),
            example_id=ids[group.example.number],
            since_run=known.since_run if known else run.id,
            since_at=known.since_at if known else from_ms(run.created_ms),
        )
    return ages


def _comparison(
    session: Session,
    run: RunRow,
    base: RunRow,
    before: Mapping[CausePlace, KnownCause],
    now: Iterable[CausePlace],
    versions: Mapping[str, str],
) -> Comparison:
    outcomes = outcomes_by_id(session, run.id, [cause.example_id for cause in before.values()])
    is_same_choice = run.selection == base.selection
    return Comparison(
        run_id=base.id,
        at=from_ms(base.created_ms),
        fixed=fixed_causes(before.values(), now, outcomes),
        versions=_changes(_stored_versions(session, base.id), versions),
        added=_only_in(session, run.id, base.id) if is_same_choice else 0,
        removed=_only_in(session, base.id, run.id) if is_same_choice else 0,
    )


def _only_in(session: Session, run_id: str, other_id: str) -> int:
    """How many tests the first run has that the other has not. Plans that are the same need no look at their tests."""
    if _plans(session, run_id) == _plans(session, other_id):
        return 0
    mine = select(_T.test_id).where(_T.run_id == run_id)
    others = select(_T.test_id).where(_T.run_id == other_id)
    left = mine.except_(others).subquery()
    return int(session.connection().execute(select(func.count()).select_from(left)).scalar_one())


def _plans(session: Session, run_id: str) -> set[str]:
    return set(session.connection().execute(select(_P.digest).where(_P.run_id == run_id)).scalars())


def _versions(session: Session, run_id: str) -> dict[str, str]:
    """The version that the server of each target said, where one of its tests came so far: the first that did."""
    query = (
        select(_P.target, _P.plan, func.min(_T.number))
        .join(TESTS, (_T.run_id == _P.run_id) & (_T.plan == _P.plan))
        .where(_P.run_id == run_id, _T.outcome.in_(_SPOKE))
        .group_by(_P.target, _P.plan)
        .order_by(_P.plan)
    )
    firsts: dict[str, int] = {}
    for target, _, number in session.connection().execute(query):
        firsts.setdefault(target, number)
    said = _said(session, run_id, firsts.values())
    return {target: said[number] for target, number in firsts.items() if said.get(number)}


def _said(session: Session, run_id: str, numbers: Iterable[int]) -> dict[int, str]:
    version = _A.details["session"]["server_version"]
    query = select(_A.number, version).where(_A.run_id == run_id, _A.number.in_(sorted(numbers)), _A.stale.is_(False))
    rows = session.connection().execute(query.order_by(_A.number, _A.lease))
    return {number: one_line(storable(str(found)), MAX_VERSION) for number, found in rows if found}


def _stored_versions(session: Session, run_id: str) -> Mapping[str, str]:
    found = session.connection().execute(select(_L.versions).where(_L.run_id == run_id)).scalar_one_or_none()
    return found or {}


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[VersionChange, ...]:
    return tuple(
        VersionChange(target=target, before=before[target], after=version)
        for target, version in sorted(after.items())
        if before.get(target, version) != version
    )[:MAX_CHANGES]
