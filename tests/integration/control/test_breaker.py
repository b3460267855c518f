"""A target whose server cannot be started: its tests wait, one is tried from time to time, and then they end."""

from collections.abc import Callable

import pytest

from harness.models.attempt import Cause, SessionFacts
from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.models.run import RunView
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm
from scheduler.control.recover import recover
from scheduler.state.machine import TestState
from tests.integration.control.clock import believe, pass_time
from tests.integration.control.fake_worker import FakeWorker
from tests.integration.control.runs import outcomes, report, states, submit_suites, suite_text, view

CAUSE = Cause(kind=CauseKind.SERVER_UNAVAILABLE, message="no such file")
SESSION = SessionFacts(session_id="s", position=0)


def down(farm: Farm, worker: FakeWorker, run: RunView, limit: int = 10**9) -> int:
    """Work as if no server could be started; tells how many tests were tried."""
    tried = 0
    while tried < limit and (lease := worker.take_next()) is not None:
        worker.record(lease, AttemptOutcome.ERROR, cause=CAUSE)
        tried += 1
    aggregate(farm, run.run_id)
    return tried


@pytest.fixture
def start(farm: Farm) -> Callable[[int], tuple[FakeWorker, RunView]]:
    def start(tests: int) -> tuple[FakeWorker, RunView]:
        believe(farm)
        worker = FakeWorker(farm)
        worker.announce()
        run = submit_suites(farm, suite_text(tests, test_config={"max_concurrency": 5}))
        dispatch(farm)
        return worker, run

    return start


Start = Callable[[int], tuple[FakeWorker, RunView]]


def test_after_five_failures_in_a_row_the_others_wait(farm: Farm, start: Start) -> None:
    worker, run = start(400)
    assert down(farm, worker, run) == 5
    assert dispatch(farm) == 0
    assert states(farm, run.run_id).count(TestState.READY) == 395


def test_one_test_is_tried_every_half_minute_and_after_a_minute_they_end_with_the_evidence(
    farm: Farm, start: Start
) -> None:
    worker, run = start(400)
    down(farm, worker, run)
    for _ in range(2):
        pass_time(farm, 30)
        worker.announce()
        assert dispatch(farm) == 1 and dispatch(farm) == 0
        assert down(farm, worker, run) == 1
    recover(farm)
    tests = report(farm, run.run_id).tests
    assert [test.outcome for test in tests] == ["error"] * 400
    assert sum(bool(test.attempts) for test in tests) == 7
    assert {test.reason for test in tests if not test.attempts} == {
        "server unreachable: not tried, because 7 attempts in a row failed; at last: "
        "server unavailable: no such file (on fake-1)"
    }
    assert view(farm, run.run_id).exit_code == 3


def test_a_target_that_comes_back_goes_on_as_if_nothing_had_been(farm: Farm, start: Start) -> None:
    worker, run = start(20)
    down(farm, worker, run)
    pass_time(farm, 30)
    worker.announce()
    dispatch(farm)
    lease = worker.take_next()
    assert lease is not None
    worker.record(lease, session=SESSION)
    aggregate(farm, run.run_id)
    while worker.work():
        aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id).count("passed") == 15


def test_suites_with_the_same_server_are_probed_by_one_test_between_them(farm: Farm, start: Start) -> None:
    worker, run = start(6)
    down(farm, worker, run)
    other = submit_suites(farm, suite_text(6, name="other", test_config={"max_concurrency": 5}))
    pass_time(farm, 31)
    worker.announce()
    assert dispatch(farm) == 1
    assert (
        states(farm, other.run_id).count(TestState.PUBLISHED) + states(farm, run.run_id).count(TestState.PUBLISHED) == 1
    )


def test_a_success_between_failures_begins_the_count_again(farm: Farm, start: Start) -> None:
    worker, run = start(30)
    for _ in range(3):
        assert down(farm, worker, run, limit=4) == 4
        lease = worker.take_next()
        assert lease is not None
        worker.record(lease, session=SESSION)
        aggregate(farm, run.run_id)
    assert states(farm, run.run_id).count(TestState.PUBLISHED) == 5


def test_a_run_that_begins_later_is_given_a_probe_of_its_own(farm: Farm, start: Start) -> None:
    worker, run = start(6)
    down(farm, worker, run)
    pass_time(farm, 61)
    worker.announce()
    dispatch(farm)
    down(farm, worker, run)
    recover(farm)
    assert outcomes(farm, run.run_id) == ["error"] * 6

    pass_time(farm, 100)
    worker.announce()
    later = submit_suites(farm, suite_text(6, test_config={"max_concurrency": 5}))
    recover(farm)
    assert outcomes(farm, later.run_id) == [None] * 6
    assert states(farm, later.run_id).count(TestState.PUBLISHED) == 1
    worker.work(limit=1)
    assert down(farm, worker, later) == 0
