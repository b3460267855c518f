"""What a run is found to be at its end, against the one before: on both databases, through the real control."""

from collections.abc import Mapping

from sqlalchemy import delete

from harness.models.attempt import Cause, CheckFailure, SessionFacts
from harness.models.causes import CauseState, FixedCause, VersionChange
from harness.models.job import TestMessage
from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.models.run import RunReport, RunState
from scheduler.control.aggregate import aggregate
from scheduler.control.cancel import cancel
from scheduler.control.close import close_if_done
from scheduler.control.dispatch import dispatch, release_due
from scheduler.control.farm import Farm
from scheduler.store.change import changing
from scheduler.store.looks import look_at, save_look
from scheduler.store.tables import RUNS
from tests.integration.control.fake_worker import FakeWorker
from tests.integration.control.runs import report, submit_suites, suite_text, view

Faults = Mapping[int, str]
"""Number of a test → the path of the check that does not hold."""


def run(farm: Farm, faults: Faults, *suites: str, version: str = "1.0", **request: object) -> RunReport:
    """Submit, and have every test end: those of `faults` with a check that does not hold."""
    run_id = submit_suites(farm, *(suites or (suite_text(3),)), **request).run_id
    worker = FakeWorker(farm)
    for _ in range(10):
        release_due(farm)
        dispatch(farm)
        while message := worker.pop():
            record(worker, message, faults, version)
        aggregate(farm, run_id)
        if view(farm, run_id).state is RunState.CLOSED:
            return report(farm, run_id)
    raise AssertionError("the run does not end")


def record(worker: FakeWorker, message: TestMessage, faults: Faults, version: str) -> None:
    lease = worker.take(message)
    assert lease is not None
    session = SessionFacts(session_id="s", position=0, server_version=version)
    path = faults.get(message.number)
    if path is None:
        worker.record(lease, AttemptOutcome.PASSED, session=session)
        return
    failure = CheckFailure(check="value", path=path, expected="1", actual="2")
    cause = Cause(kind=CauseKind.CHECK, message=str(failure))
    worker.record(lease, AttemptOutcome.FAILED, cause=cause, failures=(failure,), session=session)


def ages(found: RunReport) -> list[tuple[str, CauseState, str]]:
    return [(cause.title, cause.state, cause.since_run) for cause in found.causes]


def test_without_a_run_before_every_cause_is_new_and_nothing_is_compared(farm: Farm) -> None:
    first = run(farm, {1: "$.a"})
    assert ages(first) == [("value at $.a", CauseState.NEW, "")]
    assert first.comparison is None


def test_new_still_and_fixed_are_told_against_the_run_before(farm: Farm) -> None:
    first = run(farm, {0: "$.a", 1: "$.b"})
    second = run(farm, {0: "$.a", 2: "$.c"}, version="2.0")
    third = run(farm, {0: "$.a"}, version="2.0")

    assert ages(second) == [
        ("value at $.c", CauseState.NEW, ""),
        ("value at $.a", CauseState.STILL, first.run.run_id),
    ]
    assert second.comparison is not None
    assert (second.comparison.run_id, second.comparison.at) == (first.run.run_id, first.run.created_at)
    assert second.comparison.versions == (VersionChange(target="plain", before="1.0", after="2.0"),)
    gone = next(cause for cause in first.causes if cause.title == "value at $.b")
    assert second.comparison.fixed == (
        FixedCause(
            cause_id=gone.cause_id,
            targets=("plain",),
            title="value at $.b",
            tests=1,
            since_at=first.run.created_at,
        ),
    )
    assert ages(third) == [("value at $.a", CauseState.STILL, first.run.run_id)]
    assert third.comparison is not None
    assert (third.comparison.run_id, third.comparison.versions) == (second.run.run_id, ())


def test_a_run_that_was_cancelled_is_never_compared_with(farm: Farm) -> None:
    first = run(farm, {1: "$.a"})
    stopped = submit_suites(farm, suite_text(3)).run_id
    cancel(farm, stopped, "enough")
    close_if_done(farm, stopped)
    assert view(farm, stopped).exit_code == 6
    third = run(farm, {1: "$.a"})
    assert third.comparison is not None and third.comparison.run_id == first.run.run_id
    assert ages(third) == [("value at $.a", CauseState.STILL, first.run.run_id)]


def test_runs_of_other_suites_or_projects_are_not_compared_with(farm: Farm) -> None:
    run(farm, {1: "$.a"})
    assert run(farm, {1: "$.a"}, suite_text(3, name="other")).comparison is None
    assert run(farm, {1: "$.a"}, suite_text(3), suite_text(1, name="more")).comparison is None
    assert run(farm, {1: "$.a"}, project="second").comparison is None


def test_a_part_of_the_tests_is_compared_with_a_whole_run_and_never_the_other_way_round(farm: Farm) -> None:
    whole = run(farm, {0: "$.a", 1: "$.b"})
    part = run(farm, {0: "$.b"}, selection={"filter": "t1"})
    again = run(farm, {0: "$.a", 1: "$.b"})

    assert part.comparison is not None
    assert (part.comparison.run_id, part.comparison.fixed) == (whole.run.run_id, ())
    assert (part.comparison.added, part.comparison.removed) == (0, 0)
    assert again.comparison is not None and again.comparison.run_id == whole.run.run_id


def test_tests_that_were_added_and_removed_are_counted(farm: Farm) -> None:
    run(farm, {}, suite_text(3))
    more = run(farm, {}, suite_text(5))
    fewer = run(farm, {}, suite_text(4))
    assert more.comparison is not None and (more.comparison.added, more.comparison.removed) == (2, 0)
    assert fewer.comparison is not None and (fewer.comparison.added, fewer.comparison.removed) == (0, 1)


def test_what_was_found_stays_when_the_run_before_is_deleted(farm: Farm) -> None:
    first = run(farm, {1: "$.a"})
    second = run(farm, {1: "$.a"})
    with farm.store.writing() as session:
        session.connection().execute(delete(RUNS).where(RUNS.c.id == first.run.run_id))
    assert report(farm, second.run.run_id) == second
    assert ages(second) == [("value at $.a", CauseState.STILL, first.run.run_id)]
    assert ages(run(farm, {1: "$.a"})) == [("value at $.a", CauseState.STILL, first.run.run_id)]


def test_a_run_that_goes_on_tells_the_age_of_what_it_has(farm: Farm) -> None:
    first = run(farm, {0: "$.a"})
    run_id = submit_suites(farm, suite_text(3)).run_id
    dispatch(farm)
    worker = FakeWorker(farm)
    message = worker.pop()
    assert message is not None
    record(worker, message, {message.number: "$.a"}, "1.0")
    aggregate(farm, run_id)
    assert ages(report(farm, run_id)) == [("value at $.a", CauseState.STILL, first.run.run_id)]


def test_looking_twice_stores_the_same(farm: Farm) -> None:
    run(farm, {1: "$.a"})
    second = run(farm, {1: "$.a"})
    with changing(farm.store, second.run.run_id) as change:
        save_look(change.session, change.run.id, look_at(change.session, change.run))
    assert report(farm, second.run.run_id) == second


def test_a_retried_test_has_the_cause_of_its_last_attempt_in_the_store_and_in_the_report(farm: Farm) -> None:
    retried = suite_text(1, test_config={"retry": {"max_retries": 1, "retry_delay_ms": 0, "jitter": False}})
    first = run(farm, {0: "$.a"}, retried)
    assert len(first.tests[0].attempts) == 2
    assert ages(run(farm, {0: "$.a"}, retried)) == [("value at $.a", CauseState.STILL, first.run.run_id)]
