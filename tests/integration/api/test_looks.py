"""How a run stands, the history of a test, and the workers, over HTTP. The worker is one that only control can see."""

from pathlib import Path

import pytest

from harness.models.outcomes import AttemptOutcome, TestOutcome
from harness.models.run import OpenTests, RunState, RunStatus, SuiteStatus, TestReport, WorkerView
from harness.suites.bundle import PackedBundle
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.operate.keys import create_key
from scheduler.operate.workers import see_workers
from tests.integration.api.conftest import Api, packed_suite
from tests.integration.control.fake_worker import FakeWorker, fails, record_text
from workers.leases import SILENT_S, WORKERS, heartbeat, records_key


@pytest.fixture
def wide(tmp_path: Path) -> PackedBundle:
    """Four tests, of which two in different tools end alike."""
    one = {"name": "echo", "tests": [{"name": name, "input": {"text": name}} for name in ("a", "b", "same")]}
    other = {"name": "sleep", "tests": [{"name": "same", "input": {"seconds": 0}}]}
    return packed_suite(tmp_path / "wide", {"name": "wide", "tools": [one, other]})


def status_of(api: Api, run_id: str) -> RunStatus:
    return RunStatus.model_validate_json(api.http.get(f"/v1/runs/{run_id}/status").content)


def test_a_status_counts_open_tests_by_state_and_ended_ones_by_suite(api: Api, wide: PackedBundle) -> None:
    run = api.start(wide)
    before = status_of(api, run.run_id)
    assert (before.open, before.rate, before.newest_failures) == (OpenTests(ready=4), 0.0, ())

    worker = FakeWorker(api.farm)
    worker.announce()
    dispatch(api.farm)
    worker.work(fails(1), limit=3)
    aggregate(api.farm, run.run_id)
    status = status_of(api, run.run_id)

    assert status.run.totals == {TestOutcome.PASSED: 2, TestOutcome.FAILED: 1}
    assert status.open == OpenTests(published=1)
    assert status.suites == (SuiteStatus(suite="suite", target="wide", total=4, totals=status.run.totals),)
    assert [(test.number, test.outcome) for test in status.newest_failures] == [(1, TestOutcome.FAILED)]
    assert 0 < status.rate <= 3


def test_the_status_of_a_closed_run_has_nothing_open_and_the_rate_of_all_of_it(api: Api, bundle: PackedBundle) -> None:
    run = api.start(bundle)
    worker = FakeWorker(api.farm)
    worker.announce()
    dispatch(api.farm)
    worker.work()
    aggregate(api.farm, run.run_id)

    status = status_of(api, run.run_id)
    assert (status.run.state, status.open) == (RunState.CLOSED, OpenTests())
    assert status.run.finished_at is not None
    took = (status.run.finished_at - status.run.created_at).total_seconds()
    assert status.rate == pytest.approx(2 / took, abs=0.01)


def test_a_test_is_told_with_every_attempt_stale_ones_too(api: Api, wide: PackedBundle) -> None:
    run = api.start(wide)
    worker = FakeWorker(api.farm)
    worker.announce()
    dispatch(api.farm)
    message = worker.pop()
    assert message is not None
    lease = worker.take(message)
    assert lease is not None
    late = record_text(message.model_copy(update={"lease": 9}), "late", AttemptOutcome.FAILED)
    api.farm.redis.xadd(records_key(run.run_id), {"r": late})
    worker.record(lease, request_written=True)
    aggregate(api.farm, run.run_id)

    answer = api.http.get(f"/v1/runs/{run.run_id}/tests/{message.number}")
    test = TestReport.model_validate_json(answer.content)
    assert (test.test_id, test.outcome) == (message.test_id, TestOutcome.PASSED)
    assert [(entry.record.lease, entry.record.worker, entry.stale) for entry in test.attempts] == [
        (1, "fake-1", False),
        (9, "late", True),
    ]
    assert test.attempts[0].record.request_written


@pytest.mark.parametrize(
    ("name", "number"), [("echo/a", 0), ("b", 1), ("3", 3), ("echo/same", 2), ("sleep/same", 3), ("ho/a", None)]
)
def test_a_test_is_found_by_number_or_the_end_of_its_id_after_a_slash(
    api: Api, wide: PackedBundle, name: str, number: int | None
) -> None:
    run = api.start(wide)
    answer = api.http.get(f"/v1/runs/{run.run_id}/tests", params={"test": name})

    if number is None:
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-test")
    else:
        assert answer.json()["number"] == number
        whole = api.http.get(f"/v1/runs/{run.run_id}/tests", params={"test": answer.json()["test_id"]})
        assert whole.json()["number"] == number


@pytest.mark.parametrize("name", ["B", "%", "_", "x\x00", "4", "999999999", "9" * 30])
def test_what_names_no_test_is_refused_as_such(api: Api, wide: PackedBundle, name: str) -> None:
    run = api.start(wide)
    answer = api.http.get(f"/v1/runs/{run.run_id}/tests", params={"test": name})
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-test")


def test_a_name_of_several_tests_is_refused_with_their_ids(api: Api, wide: PackedBundle) -> None:
    run = api.start(wide)
    answer = api.http.get(f"/v1/runs/{run.run_id}/tests", params={"test": "same"})
    assert answer.status_code == 404
    assert "echo/same" in answer.json()["detail"] and "sleep/same" in answer.json()["detail"]


def test_workers_are_told_with_what_they_hold_and_what_waits_at_their_gate(api: Api, wide: PackedBundle) -> None:
    run = api.start(wide)
    worker = FakeWorker(api.farm, slots=2)
    worker.announce()
    dispatch(api.farm)
    lease = worker.take_next()
    assert lease is not None
    waits = f"{run.run_id}:2:1"
    declared = {"pool": "default", "slots": "2", "pid": "7", "host": "a", "version": "0.1.0", "waiting": waits}
    heartbeat(api.farm.redis, worker.name, declared, [lease])
    answer = api.http.get("/v1/workers")

    (seen,) = [WorkerView.model_validate(entry) for entry in answer.json()]
    assert (seen.name, seen.pool, seen.host, seen.pid, seen.version, seen.slots) == (
        "fake-1",
        "default",
        "a",
        7,
        "0.1.0",
        2,
    )
    assert (seen.live, seen.holds, seen.at_gate) == (True, 1, 1)
    assert [test.test_id for test in seen.tests] == [worker.held[lease].test_id]
    assert [(test.run_id, test.number) for test in seen.waiting] == [(run.run_id, 2)]


def test_a_worker_that_fell_silent_is_told_as_such(api: Api) -> None:
    FakeWorker(api.farm).announce()
    api.farm.redis.zincrby(WORKERS, -(SILENT_S + 5) * 1000, "fake-1")

    (seen,) = see_workers(api.farm.redis)
    assert not seen.live
    assert seen.heard_s > SILENT_S


def test_a_lease_that_another_worker_took_since_is_not_told_of_the_first(api: Api, bundle: PackedBundle) -> None:
    run = api.start(bundle)
    worker = FakeWorker(api.farm)
    worker.announce()
    dispatch(api.farm)
    lease = worker.take_next()
    assert lease is not None
    api.farm.redis.hset(f"farm:lease:{run.run_id}:{lease.number}", "lease", "2")

    (seen,) = see_workers(api.farm.redis)
    assert seen.holds == 0


def test_a_key_sees_workers_but_no_tests_of_other_projects(api: Api, bundle: PackedBundle, wide: PackedBundle) -> None:
    other, own = api.start(bundle, project="billing"), api.start(wide, project="default")
    worker = FakeWorker(api.farm)
    worker.announce()
    dispatch(api.farm)
    leases = [lease for _ in range(6) if (lease := worker.take_next())]
    waiting = f"{other.run_id}:0:1 {own.run_id}:0:1"
    heartbeat(api.farm.redis, worker.name, {"pool": "default", "slots": "8", "waiting": waiting}, leases)

    with api.with_key(create_key(api.farm.store, "ci", "default")) as http:
        answer = http.get("/v1/workers")
        for path in ("status", "tests/0", "tests?test=0"):
            assert http.get(f"/v1/runs/{other.run_id}/{path}").json()["type"] == "/problems/run-missing"
            assert http.get(f"/v1/runs/{own.run_id}/{path}").status_code == 200
    (seen,) = [WorkerView.model_validate(entry) for entry in answer.json()]
    assert (seen.holds, seen.at_gate) == (6, 2)
    assert {test.run_id for test in (*seen.tests, *seen.waiting)} == {own.run_id}
    assert len(seen.tests) == 4
    assert other.run_id not in answer.text
