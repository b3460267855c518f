"""The path of a run through control: submit, dispatch, aggregate, close."""

from harness.models.run import RunState
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm
from scheduler.state.machine import TestState
from tests.integration.control.fake_worker import FakeWorker, fails
from tests.integration.control.runs import assert_totals_agree, outcomes, states, submit_suites, suite_text, view


def test_a_run_goes_from_submission_to_a_closed_run_with_every_test_recorded(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(3))
    worker = FakeWorker(farm)
    assert states(farm, run.run_id) == [TestState.READY] * 3
    assert dispatch(farm) == 3
    assert states(farm, run.run_id) == [TestState.PUBLISHED] * 3
    assert worker.work(fails(1)) == 3
    assert aggregate(farm, run.run_id) == 3
    assert outcomes(farm, run.run_id) == ["passed", "failed", "passed"]
    closed = view(farm, run.run_id)
    assert (closed.state, closed.exit_code) == (RunState.CLOSED, 1)
    assert_totals_agree(farm, run.run_id)
    assert [key for key in farm.redis.keys("farm:*") if run.run_id in str(key)] == []
