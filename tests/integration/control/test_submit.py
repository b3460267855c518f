"""Submission: everything or nothing, and the database before the first message."""

from collections.abc import Callable

import pytest

from harness.errors import BlobMissing, FarmError, NothingSelected, SuiteErrors, UsageError
from harness.models.job import Bundle, BundleFile, SuitePlan
from harness.models.run import RunRequest, RunState
from harness.models.suite import Retry
from harness.suites.bundle import canonical_json
from scheduler.control.farm import Farm
from scheduler.control.submit import submit
from scheduler.state.machine import TestState
from scheduler.store.counters import Series, test_totals
from scheduler.store.queries import latest_runs
from scheduler.store.tables import RunPlan
from tests.integration.control.runs import (
    bundle_of,
    outcomes,
    put,
    report,
    states,
    submit_suites,
    suite_of,
    suite_text,
    view,
)

Bad = Callable[[Farm], RunRequest]


def test_a_run_and_all_its_tests_are_stored_before_any_message(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2, name="one"), suite_text(3, name="two"), name="nightly")
    assert (run.state, run.total, run.totals, run.name) == (RunState.RUNNING, 5, {}, "nightly")
    assert states(farm, run.run_id) == [TestState.READY] * 5
    assert [test.number for test in report(farm, run.run_id).tests] == [0, 1, 2, 3, 4]
    assert farm.redis.keys("*") == []


def test_the_plan_of_a_suite_is_a_blob_that_workers_can_fetch(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2))
    with farm.store.session() as session:
        digest = session.get_one(RunPlan, (run.run_id, 0)).digest
    plan = SuitePlan.model_validate_json(farm.blobs.get(digest))
    assert [test.test_id for test in plan.tests] == [test.test_id for test in report(farm, run.run_id).tests]


def test_skipped_tests_have_their_outcome_and_reason_at_once(farm: Farm) -> None:
    tests: list[dict[str, object]] = [
        {"name": "a", "input": {}, "expected": {}},
        {"name": "b", "input": {}, "expected": {}, "skip": True},
    ]
    run = submit_suites(farm, suite_of(tests))
    assert outcomes(farm, run.run_id) == [None, "skipped"]
    assert report(farm, run.run_id).tests[1].reason == "skipped in the suite"


def test_a_run_with_nothing_to_run_is_closed_at_once(farm: Farm) -> None:
    run = submit_suites(farm, suite_of([{"name": "a", "input": {}, "expected": {}, "skip": True}]))
    assert (run.state, run.exit_code) == (RunState.CLOSED, 0)
    with farm.store.session() as session:
        assert list(test_totals(session).values()) == [{"skipped": 1}]
        assert all(isinstance(series, Series) for series in test_totals(session))


def bad_suite(farm: Farm) -> RunRequest:
    return RunRequest(bundle=bundle_of(farm, {"ok.yaml": suite_text(), "a.yaml": "name: 3", "b.yaml": "tools: {"}))


def nothing_selected(farm: Farm) -> RunRequest:
    return RunRequest.model_validate(
        {"bundle": bundle_of(farm, {"a.yaml": suite_text()}), "selection": {"filter": "nope"}}
    )


def missing_bundle(farm: Farm) -> RunRequest:
    return RunRequest(bundle="0" * 64)


def missing_file(farm: Farm) -> RunRequest:
    file = BundleFile(path="a.yaml", digest="1" * 64, size_bytes=1)
    return RunRequest(bundle=put(farm, canonical_json(Bundle(suites=("a.yaml",), files=(file,)))))


def missing_fixture(farm: Farm) -> RunRequest:
    text = suite_text().encode()
    files = (
        BundleFile(path="a.yaml", digest=put(farm, text), size_bytes=len(text)),
        BundleFile(path="data.txt", digest="1" * 64, size_bytes=1),
    )
    return RunRequest(bundle=put(farm, canonical_json(Bundle(suites=("a.yaml",), files=files))))


def not_a_bundle(farm: Farm) -> RunRequest:
    return RunRequest(bundle=put(farm, b"[]"))


def lies_about_a_size(farm: Farm) -> RunRequest:
    text = suite_text().encode()
    file = BundleFile(path="a.yaml", digest=put(farm, text), size_bytes=len(text) - 1)
    return RunRequest(bundle=put(farm, canonical_json(Bundle(suites=("a.yaml",), files=(file,)))))


def suite_not_in_bundle(farm: Farm) -> RunRequest:
    return RunRequest(bundle=put(farm, canonical_json(Bundle(suites=("a.yaml",), files=()))))


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (bad_suite, SuiteErrors),
        (nothing_selected, NothingSelected),
        (missing_bundle, BlobMissing),
        (missing_file, BlobMissing),
        (missing_fixture, BlobMissing),
        (not_a_bundle, UsageError),
        (suite_not_in_bundle, UsageError),
        (lies_about_a_size, UsageError),
    ],
)
def test_what_cannot_run_is_refused_and_leaves_nothing(farm: Farm, bad: Bad, error: type[FarmError]) -> None:
    with pytest.raises(error):
        submit(farm, bad(farm))
    with farm.store.session() as session:
        assert latest_runs(session) == []


def test_problems_of_all_suites_are_told_together(farm: Farm) -> None:
    with pytest.raises(SuiteErrors) as caught:
        submit(farm, bad_suite(farm))
    assert {problem.file for problem in caught.value.problems} == {"a.yaml", "b.yaml"}


def test_a_time_limit_of_the_request_overrides_the_suites(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1), timeout_s=7)
    with farm.store.session() as session:
        digest = session.get_one(RunPlan, (run.run_id, 0)).digest
    assert SuitePlan.model_validate_json(farm.blobs.get(digest)).tests[0].timeout_s == 7


def test_names_that_a_database_cannot_hold_are_stored_readably(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1), name="nul \x00 and surrogate \ud800")
    assert view(farm, run.run_id).name == "nul \ufffd and surrogate ?"


def test_the_policy_of_a_run_is_kept_for_suites_that_have_none(farm: Farm) -> None:
    own = {"test_config": {"retry": {"max_retries": 2}}}
    run = submit_suites(farm, suite_text(1), suite_text(1, **own), retry=Retry(max_retries=1))
    with farm.store.session() as session:
        rows = [session.get_one(RunPlan, (run.run_id, plan)).retry for plan in (0, 1)]
    assert [Retry.model_validate(row).max_retries for row in rows] == [1, 2]


def test_a_policy_that_cannot_be_obeyed_is_refused(farm: Farm) -> None:
    with pytest.raises(UsageError, match=r"retry: 'retry_on_patterns' '\(': "):
        submit_suites(farm, suite_text(1), retry={"retry_on_patterns": ["("]})
    with farm.store.session() as session:
        assert latest_runs(session) == []
