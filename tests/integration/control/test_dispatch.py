"""Dispatch: windows, caps, turns, groups; and a crash between commit and push."""

import threading

from harness.models.job import TestMessage
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch, publish_ready, push
from scheduler.control.farm import Farm
from scheduler.control.recover import recover
from scheduler.state.machine import TestState
from tests.integration.control.clock import believe, pass_time
from tests.integration.control.fake_worker import FakeWorker
from tests.integration.control.runs import accepted, outcomes, report, states, submit_suites, suite_of, suite_text
from workers.leases import lease_key
from workers.messages import interactive_queue

WIDE = {"test_config": {"max_concurrency": 64}}


def queued(farm: Farm) -> list[TestMessage]:
    """All messages that wait, taken out of their queues."""
    worker = FakeWorker(farm)
    return list(iter(worker.pop, None))


def test_no_more_than_the_window_is_published(farm: Farm) -> None:
    submit_suites(farm, suite_text(50, name="a", **WIDE), suite_text(50, name="b", **WIDE))
    assert dispatch(farm) == 64
    assert dispatch(farm) == 0


def test_live_slots_widen_the_window(farm: Farm) -> None:
    submit_suites(farm, suite_text(60, name="a", **WIDE), suite_text(60, name="b", **WIDE))
    FakeWorker(farm, slots=25).announce()
    assert dispatch(farm) == 100


def test_slots_of_another_pool_or_of_a_silent_worker_do_not_count(farm: Farm) -> None:
    submit_suites(farm, suite_text(60, name="a", **WIDE), suite_text(60, name="b", **WIDE))
    FakeWorker(farm, slots=200).announce()
    farm.redis.hset("farm:worker:fake-1", "pool", "other")
    FakeWorker(farm, "fake-2", slots=200).announce()
    farm.redis.zadd("farm:workers", {"fake-2": 1})
    assert dispatch(farm) == 64


def test_a_suite_has_no_more_in_flight_than_its_author_allows(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(10, test_config={"max_concurrency": 2}))
    worker = FakeWorker(farm)
    for _ in range(5):
        assert dispatch(farm) in (0, 2)
        assert sum(state is TestState.PUBLISHED for state in states(farm, run.run_id)) == 2
        assert worker.work() == 2
        aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id) == ["passed"] * 10


def test_caps_of_suites_are_kept_apart(farm: Farm) -> None:
    careful, bold = {"max_concurrency": 1}, {"max_concurrency": 20}
    run = submit_suites(farm, suite_text(30, name="a", test_config=careful), suite_text(30, name="b", test_config=bold))
    assert dispatch(farm) == 21
    assert states(farm, run.run_id)[:30].count(TestState.PUBLISHED) == 1


def test_an_unused_turn_of_one_suite_goes_to_the_others(farm: Farm) -> None:
    submit_suites(
        farm, suite_text(3, name="short", **WIDE), suite_text(200, name="long", test_config={"max_concurrency": 64})
    )
    assert dispatch(farm) == 64


def test_a_second_run_gets_its_turn_while_the_first_still_has_hundreds(farm: Farm) -> None:
    first = submit_suites(farm, *(suite_text(60, name=f"s{n}", **WIDE) for n in range(3)))
    dispatch(farm)
    second = submit_suites(farm, suite_text(60, **WIDE))
    worker = FakeWorker(farm)
    worker.work(limit=10)
    aggregate(farm, first.run_id)
    assert sum(state is TestState.PUBLISHED for state in states(farm, second.run_id)) == 10


def test_of_a_group_the_head_has_a_message_and_every_member_a_lease(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(4, isolation="suite"))
    assert dispatch(farm) == 1
    assert states(farm, run.run_id) == [TestState.PUBLISHED] * 4
    assert [farm.redis.hget(lease_key(run.run_id, n), "lease") for n in range(4)] == ["1"] * 4
    assert [message.number for message in queued(farm)] == [0]


def test_a_group_counts_as_one_in_the_window(farm: Farm) -> None:
    submit_suites(farm, suite_text(90, name="group", isolation="suite"), suite_text(70, name="free", **WIDE))
    assert dispatch(farm) == 64


def test_members_of_one_group_run_in_order_on_one_worker(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(4, isolation="suite"))
    worker = FakeWorker(farm)
    dispatch(farm)
    assert worker.work() == 4
    assert worker.ran == [0, 1, 2, 3]
    aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id) == ["passed"] * 4


def test_a_message_is_small_and_names_run_test_and_plan(farm: Farm) -> None:
    long = [{"name": "n" * 150, "input": {"text": "x" * 5000}, "expected": {}}]
    run = submit_suites(farm, suite_of(long))
    dispatch(farm)
    entries = farm.redis.lrange(interactive_queue("default"), 0, -1)
    (message,) = queued(farm)
    assert (message.run_id, message.number, message.lease) == (run.run_id, 0, 1)
    assert farm.blobs.has(message.plan)
    assert len(message.model_dump_json()) < 1024
    assert len(entries) == 1


def test_a_kill_between_commit_and_push_is_recovered(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(3, **WIDE))
    believe(farm)
    publish_ready(farm, 16)  # and no push: control is killed here
    assert queued(farm) == []
    assert recover(farm).republished == 0  # seen once: it may be on its way
    pass_time(farm, 5)
    assert recover(farm).republished == 3
    worker = FakeWorker(farm)
    assert worker.work() == 3
    aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id) == ["passed"] * 3


def test_a_push_that_comes_late_records_nothing_twice(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1))
    believe(farm)
    batches = publish_ready(farm, 16).batches
    recover(farm)
    pass_time(farm, 5)
    recover(farm)
    worker = FakeWorker(farm)
    assert worker.work() == 1
    push(farm, batches)  # the slow process goes on: lease 1 is not current any more for the database
    worker.work()
    aggregate(farm, run.run_id)
    assert accepted(report(farm, run.run_id).tests[0]) == 1
    assert outcomes(farm, run.run_id) == ["passed"]


def test_dispatchers_at_once_publish_every_test_once_and_keep_to_the_window(farm: Farm) -> None:
    submit_suites(farm, *(suite_text(40, name=f"s{n}", **WIDE) for n in range(4)))
    sent: list[int] = []
    threads = [threading.Thread(target=lambda: sent.append(dispatch(farm))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [message.number for message in queued(farm)]
    assert sum(sent) == 64
    assert len(numbers) == len(set(numbers)) == 64
