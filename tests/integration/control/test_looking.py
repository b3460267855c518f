"""What is asked of a run from outside gives the same answers on both databases."""

import pytest

from harness.errors import NoSuchTest
from harness.models.outcomes import TestOutcome
from harness.models.run import OpenTests, SuiteStatus
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm
from scheduler.operate.workers import name_tests, see_workers
from scheduler.store.queries import find_test, report_of_test
from scheduler.store.status import run_status
from scheduler.store.values import now_ms
from tests.integration.control.fake_worker import FakeWorker, fails
from tests.integration.control.runs import submit_suites, suite_text


def test_a_status_adds_up_by_state_and_by_suite(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(4, name="one"), suite_text(2, name="two", isolation="suite"))
    worker = FakeWorker(farm)
    worker.announce()
    dispatch(farm)
    worker.work(fails(1), limit=4)
    aggregate(farm, run.run_id)

    with farm.store.session() as session:
        status = run_status(session, run.run_id, now_ms())

    open_tests = sum(status.open.model_dump().values())
    ended = [sum(suite.totals.values()) for suite in status.suites]
    assert (open_tests, sum(ended), sum(suite.total for suite in status.suites)) == (status.run.open, 4, 6)
    assert [failure.number for failure in status.newest_failures] == [1]
    assert status.rate > 0


def test_a_run_that_waits_has_nothing_but_open_tests(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2, name="one"), suite_text(3, name="two", isolation="suite"))

    with farm.store.session() as session:
        status = run_status(session, run.run_id, now_ms())

    assert status.open == OpenTests(ready=3, blocked=2)
    assert [(suite.total, suite.open) for suite in status.suites] == [(2, 2), (3, 3)]
    assert status.suites[0] == SuiteStatus(suite="s0", target="one", total=2, totals={})
    assert (status.rate, status.newest_failures) == (0.0, ())


def test_a_test_is_found_by_the_end_of_its_id_letter_by_letter(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(3))

    with farm.store.session() as session:
        whole = report_of_test(session, run.run_id, 1).test_id
        assert {find_test(session, run.run_id, name) for name in ("1", "t1", "echo/t1", whole)} == {1}
        for name in ("T1", "1x", "%", "cho/t1", f"/{whole}", "x" * 2_000, "\x00"):
            with pytest.raises(NoSuchTest):
                find_test(session, run.run_id, name)


def test_what_a_worker_holds_has_names_and_only_those_of_one_project_where_asked(farm: Farm) -> None:
    submit_suites(farm, suite_text(2), project="shop")
    own = submit_suites(farm, suite_text(2))
    worker = FakeWorker(farm)
    worker.announce()
    dispatch(farm)
    for _ in range(4):
        worker.take_next()

    seen = see_workers(farm.redis)
    with farm.store.session() as session:
        (everything,) = name_tests(session, seen)
        (mine,) = name_tests(session, seen, "default")
    assert (everything.holds, mine.holds, len(everything.tests)) == (4, 4, 4)
    assert {test.run_id for test in mine.tests} == {own.run_id}
    assert all(test.test_id.startswith("default/") for test in mine.tests)


def test_a_run_whose_tests_all_passed_names_no_failures(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2))
    worker = FakeWorker(farm)
    worker.announce()
    dispatch(farm)
    worker.work()
    aggregate(farm, run.run_id)

    with farm.store.session() as session:
        status = run_status(session, run.run_id, now_ms())
    assert (status.run.totals, status.newest_failures) == ({TestOutcome.PASSED: 2}, ())
