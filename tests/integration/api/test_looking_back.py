"""The difference of two runs and the history of a test, over HTTP."""

from harness.models.looking_back import RunDifference, TestHistory
from harness.models.outcomes import TestOutcome
from harness.models.run import RunView
from harness.suites.bundle import PackedBundle
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.operate.keys import create_key
from tests.integration.api.conftest import Api
from tests.integration.control.fake_worker import FakeWorker, fails


def finished_run(api: Api, bundle: PackedBundle, *failing: int) -> RunView:
    run = api.start(bundle)
    worker = FakeWorker(api.farm)
    worker.announce()
    dispatch(api.farm)
    worker.work(fails(*failing)) if failing else worker.work()
    aggregate(api.farm, run.run_id)
    return run


def test_a_run_that_fails_where_another_did_not_is_worse(api: Api, bundle: PackedBundle) -> None:
    good, bad = finished_run(api, bundle), finished_run(api, bundle, 1)

    answer = api.http.get(f"/v1/runs/{good.run_id}/difference/{bad.run_id}")
    difference = RunDifference.model_validate_json(answer.content)
    assert (difference.is_worse, len(difference.new)) == (True, 1)
    assert [(change.before, change.after) for change in difference.outcomes] == [
        (TestOutcome.PASSED, TestOutcome.FAILED)
    ]
    back = RunDifference.model_validate_json(api.http.get(f"/v1/runs/{bad.run_id}/difference/{good.run_id}").content)
    assert (back.is_worse, len(back.fixed)) == (False, 1)


def test_a_history_holds_the_newest_runs_first_and_keys_see_their_own_project(api: Api, bundle: PackedBundle) -> None:
    runs = [finished_run(api, bundle), finished_run(api, bundle, 1), finished_run(api, bundle)]

    for name in ("default/suite/pair/echo/two", "echo/two"):
        history = TestHistory.model_validate_json(api.http.get("/v1/history", params={"test": name}).content)
        assert history.test_id == "default/suite/pair/echo/two"
        assert [(entry.run_id, entry.outcome) for entry in history.entries] == [
            (runs[2].run_id, TestOutcome.PASSED),
            (runs[1].run_id, TestOutcome.FAILED),
            (runs[0].run_id, TestOutcome.PASSED),
        ]
    short = api.http.get("/v1/history", params={"test": "echo/two", "limit": 1}).json()
    assert len(short["entries"]) == 1
    with api.with_key(create_key(api.farm.store, "other", "other")) as other:
        assert other.get("/v1/history", params={"test": "echo/two"}).status_code == 404
        assert other.get(f"/v1/runs/{runs[0].run_id}/difference/{runs[1].run_id}").status_code == 404


def test_a_test_that_no_run_had_and_a_run_that_is_none_are_not_found(api: Api, bundle: PackedBundle) -> None:
    run = finished_run(api, bundle)

    missing = api.http.get("/v1/history", params={"test": "zz"})
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/no-such-test")
    for pair in (f"{run.run_id}/difference/none", f"none/difference/{run.run_id}"):
        assert api.http.get(f"/v1/runs/{pair}").status_code == 404
    assert api.http.get("/v1/history", params={"test": "echo/two", "limit": 101}).status_code == 400
