"""Targets that require something of a worker: their tests go to one that offers it, and end when none does."""

import json

import pytest

from harness.models.job import Bundle, BundleFile
from harness.models.outcomes import CauseKind
from harness.models.run import RunRequest, RunView
from harness.suites.bundle import canonical_json
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm
from scheduler.control.recover import recover
from scheduler.control.submit import submit
from scheduler.control.unserved import reason_of
from tests.integration.control.clock import believe, pass_time
from tests.integration.control.fake_worker import FakeWorker
from tests.integration.control.runs import outcomes, put, report
from workers.messages import own_queue


def submit_for(farm: Farm, requires: list[str], tests: int = 6, **request: object) -> RunView:
    """A run of one suite against a target that requires this."""
    cases = [{"name": f"t{number}"} for number in range(tests)]
    suite = {"name": "s", "target": "node", "tools": [{"name": "echo", "tests": cases}]}
    target = {"name": "node", "command": "node", "requires": requires}
    contents = {"s.yaml": json.dumps(suite).encode(), "targets/node.yaml": json.dumps(target).encode()}
    files = tuple(
        BundleFile(path=path, digest=put(farm, content), size_bytes=len(content)) for path, content in contents.items()
    )
    bundle = Bundle(suites=("s.yaml",), targets=("targets/node.yaml",), files=files)
    return submit(farm, RunRequest.model_validate({"bundle": put(farm, canonical_json(bundle)), **request}))


def announced(farm: Farm, name: str, abilities: str) -> FakeWorker:
    worker = FakeWorker(farm, name, abilities=abilities)
    worker.announce()
    return worker


@pytest.mark.parametrize("lane", ["interactive", "batch"])
def test_tests_go_to_a_worker_that_offers_what_their_target_requires(farm: Farm, lane: str) -> None:
    believe(farm)
    able, old, silent = (announced(farm, *who) for who in (("w1", "node=22.1.0"), ("w2", "node=18.0.0"), ("w3", "")))
    run = submit_for(farm, ["node>=20"], lane=lane)

    dispatch(farm)
    assert (old.work(), silent.work(), able.work()) == (0, 0, 4)
    aggregate(farm, run.run_id)
    dispatch(farm)
    able.work()
    aggregate(farm, run.run_id)

    assert outcomes(farm, run.run_id) == ["passed"] * 6


def test_where_every_worker_offers_it_any_may_take_the_test(farm: Farm) -> None:
    believe(farm)
    workers = [announced(farm, name, "node=22.1.0") for name in ("w1", "w2")]
    submit_for(farm, ["node>=20"], tests=2)
    dispatch(farm)
    assert [farm.redis.llen(own_queue(farm.settings.pool, worker.name)) for worker in workers] == [0, 0]
    assert [worker.work(limit=1) for worker in workers] == [1, 1]


def test_what_no_worker_offers_waits_for_one_that_does(farm: Farm) -> None:
    believe(farm)
    announced(farm, "w1", "node=18.0.0")
    run = submit_for(farm, ["node>=20"], tests=2)
    assert (dispatch(farm), recover(farm).published) == (0, 0)
    pass_time(farm, 50)
    able = announced(farm, "w2", "node=20.0.0")
    recover(farm)
    able.work()
    aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id) == ["passed", "passed"]


def test_what_no_worker_offers_for_a_while_ends_as_an_error_that_says_what_is_missing(farm: Farm) -> None:
    believe(farm)
    announced(farm, "w1", "node=18.0.0 uvx")
    run = submit_for(farm, ["uvx", "node>=20"], tests=2)
    recover(farm)
    pass_time(farm, farm.settings.breaker.recovery_s)
    announced(farm, "w1", "node=18.0.0 uvx")

    recover(farm)

    told = [(test.outcome, test.cause, test.reason) for test in report(farm, run.run_id).tests]
    assert told == [("error", CauseKind.NO_WORKER, "no worker offers node>=20 (offered: node=18.0.0)")] * 2
    assert report(farm, run.run_id).run.exit_code == 3


def test_a_worker_that_comes_back_in_time_begins_the_wait_anew(farm: Farm) -> None:
    believe(farm)
    announced(farm, "w1", "node=18.0.0")
    run = submit_for(farm, ["node>=20"], tests=40)
    recover(farm)
    pass_time(farm, 50)
    announced(farm, "w1", "node=18.0.0")
    announced(farm, "w2", "node=20.0.0")
    recover(farm)
    pass_time(farm, 50)  # it has fallen silent, and the other one goes on
    announced(farm, "w1", "node=18.0.0")
    recover(farm)
    assert "error" not in outcomes(farm, run.run_id)


def test_while_no_worker_has_said_what_it_offers_nothing_is_ended(farm: Farm) -> None:
    believe(farm)
    run = submit_for(farm, ["node>=20"], tests=2)
    for _ in range(3):
        recover(farm)
        pass_time(farm, 1000)
        announced(farm, "w1", "")
    assert outcomes(farm, run.run_id) == [None, None]


def test_what_is_missing_is_told_in_as_few_words_as_possible() -> None:
    offers = {"w1": {"node": "18.0.0", "uvx": ""}, "w2": {"node": "22.0.0"}}
    assert reason_of(["docker", "node"], offers) == "no worker offers docker"
    assert reason_of(["node>=20", "uvx"], offers) == "no worker offers node>=20, uvx together"
    assert reason_of(["node>=99"], offers) == "no worker offers node>=99 (offered: node=18.0.0, node=22.0.0)"
