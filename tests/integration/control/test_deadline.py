"""A run ends in any case, and says what keeps it from going on."""

import pytest

from harness.errors import UsageError
from harness.models.outcomes import AttemptOutcome
from harness.models.run import RunState
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm
from scheduler.control.recover import recover
from tests.integration.control.clock import believe, pass_time
from tests.integration.control.fake_worker import FakeWorker
from tests.integration.control.runs import assert_totals_agree, outcomes, report, submit_suites, suite_text, view
from workers.leases import cancelled_key


def test_a_run_ends_at_its_deadline_and_names_what_is_missing(farm: Farm) -> None:
    believe(farm)
    run = submit_suites(farm, suite_text(3), deadline_s=600)
    worker = FakeWorker(farm)
    worker.announce()
    dispatch(farm)
    assert worker.work(limit=1) == 1
    running = worker.take_next()
    assert running is not None
    aggregate(farm, run.run_id)
    pass_time(farm, 601)
    worker.announce()

    recover(farm)

    assert farm.redis.exists(cancelled_key(run.run_id))
    worker.record(running, AttemptOutcome.ABORTED)
    aggregate(farm, run.run_id)
    tests = report(farm, run.run_id).tests
    assert sorted(map(str, outcomes(farm, run.run_id))) == ["not_run", "not_run", "passed"]
    reason = "the run's deadline of 600 s passed with 2 of 3 tests missing"
    assert [test.reason for test in tests if test.outcome == "not_run"] == [reason] * 2
    assert (view(farm, run.run_id).state, view(farm, run.run_id).exit_code) == (RunState.CLOSED, 6)
    assert_totals_agree(farm, run.run_id)


def test_a_deadline_that_one_test_may_pass_alone_is_refused(farm: Farm) -> None:
    with pytest.raises(UsageError, match="a deadline of 60 s: one test alone may take 72 s"):
        submit_suites(farm, suite_text(1), deadline_s=60)


def test_a_run_without_workers_says_so_within_a_minute_and_stops_saying_so(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1))
    recover(farm)
    assert view(farm, run.run_id).notice == ""
    pass_time(farm, 20)
    recover(farm)
    assert view(farm, run.run_id).notice.startswith("no worker of pool 'default' has been alive since ")
    FakeWorker(farm).announce()
    recover(farm)
    assert view(farm, run.run_id).notice == ""


def test_a_deadline_tells_why_nothing_went_on(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2), deadline_s=100)
    recover(farm)
    pass_time(farm, 20)
    recover(farm)
    pass_time(farm, 90)
    recover(farm)
    (reason,) = {test.reason for test in report(farm, run.run_id).tests}
    assert "2 of 2 tests missing: no worker of pool 'default'" in reason
    assert view(farm, run.run_id).exit_code == 6
