"""The causes of closed runs, and what of a run they are found from.

Rows are written once, in the closing transaction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from harness.models.attempt import CheckFailure
from harness.models.outcomes import BAD, AttemptOutcome, CauseKind, TestOutcome
from scheduler.reports.cause_ages import CausePlace, KnownCause
from scheduler.reports.cause_signature import Symptom
from scheduler.reports.causes import MAX_CAUSES, Group
from scheduler.store.database import insert_into
from scheduler.store.tables import ATTEMPTS, RUN_CAUSES, TESTS
from scheduler.store.values import from_ms, storable, to_ms
from scheduler.store.work import CHUNK

_T, _A, _C = TESTS.c, ATTEMPTS.c, RUN_CAUSES.c
_BAD = [outcome.value for outcome in BAD]

Found = Any
"""A row with the columns that were asked for."""


def symptoms_of(session: Session, run_id: str) -> Iterator[Symptom]:
    """What is seen of every test of the run that did not pass, by number; a part of them at a time."""
    query = (
        select(_T.number, _T.target, _T.tool, _T.cause, _T.reason)
        .where(_T.run_id == run_id, _T.outcome.in_(_BAD))
        .order_by(_T.number)
    )
    rows = session.connection().execute(query)
    for part in rows.partitions(CHUNK):
        decided = _deciding(session, run_id, [row.number for row in part])
        yield from (_symptom(row, decided.get(row.number)) for row in part)


def save_causes(session: Session, run_id: str, groups: Iterable[Group], ages: Mapping[CausePlace, KnownCause]) -> None:
    """Store the causes of a run, the largest; `ages`: what is known of each, with the run since which it is there."""
    largest = sorted(groups, key=lambda group: -len(group.numbers))[:MAX_CAUSES]
    places = {(group.signature.key, target): group for group in reversed(largest) for target in group.targets}
    rows = [_columns(run_id, ages[place], len(group.numbers)) for place, group in places.items()]
    if rows:
        session.connection().execute(insert_into(session, RUN_CAUSES).on_conflict_do_nothing(), rows)


def known_causes(session: Session, run_id: str) -> dict[CausePlace, KnownCause]:
    """The causes of a closed run."""
    query = RUN_CAUSES.select().where(_C.run_id == run_id).order_by(_C.key, _C.target)
    return {(row.key, row.target): _known(row) for row in session.connection().execute(query)}


def outcomes_by_id(session: Session, run_id: str, test_ids: Sequence[str]) -> dict[str, TestOutcome]:
    """How those tests of the run ended that it has."""
    found: dict[str, TestOutcome] = {}
    ordered = sorted(set(test_ids))
    for start in range(0, len(ordered), CHUNK):
        part = ordered[start : start + CHUNK]
        query = select(_T.test_id, _T.outcome).where(_T.run_id == run_id, _T.test_id.in_(part))
        rows = session.connection().execute(query.where(_T.outcome.is_not(None)))
        found |= {test_id: TestOutcome(outcome) for test_id, outcome in rows}
    return found


def ids_of(session: Session, run_id: str, numbers: Sequence[int]) -> dict[int, str]:
    """Ids of tests by number."""
    found: dict[int, str] = {}
    for start in range(0, len(numbers), CHUNK):
        part = numbers[start : start + CHUNK]
        query = select(_T.number, _T.test_id).where(_T.run_id == run_id, _T.number.in_(part))
        found |= {row.number: row.test_id for row in session.connection().execute(query)}
    return found


def _deciding(session: Session, run_id: str, numbers: Sequence[int]) -> dict[int, Found]:
    """Of each test the attempt that its outcome rests on: its worker, and the first check that did not hold."""
    query = (
        select(_A.number, _A.outcome, _A.worker, _A.details["failures"][0].label("failure"))
        .where(_A.run_id == run_id, _A.number.in_(numbers), _A.stale.is_(False), _A.superseded.is_(False))
        .order_by(_A.number, _A.lease)
    )
    last: dict[int, Found] = {}
    for row in session.connection().execute(query):
        known = last.get(row.number)
        if known is None or row.outcome != AttemptOutcome.LOST.value or known.outcome == AttemptOutcome.LOST.value:
            last[row.number] = row
    return last


def _symptom(test: Found, decided: Found | None) -> Symptom:
    failure = decided.failure if decided is not None else None
    return Symptom(
        number=test.number,
        target=test.target,
        item=test.tool,
        kind=CauseKind(test.cause) if test.cause else None,
        reason=test.reason,
        worker=decided.worker if decided is not None else "",
        failure=CheckFailure.model_validate(failure) if failure else None,
    )


def _columns(run_id: str, cause: KnownCause, tests: int) -> dict[str, object]:
    return {
        "run_id": run_id,
        "key": cause.key,
        "target": storable(cause.target),
        "title": storable(cause.title),
        "tests": tests,
        "example_id": cause.example_id,
        "since_run": cause.since_run,
        "since_ms": to_ms(cause.since_at),
    }


def _known(row: Found) -> KnownCause:
    return KnownCause(row.key, row.target, row.title, row.tests, row.example_id, row.since_run, from_ms(row.since_ms))
