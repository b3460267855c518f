"""Merging: every record once, whatever comes twice, late, in another order, or unreadable."""

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from harness.models.attempt import MAX_RECORD_BYTES, Cause
from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.models.run import RunState
from scheduler.control.aggregate import aggregate, merge_or_split
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm
from scheduler.control.merge import merge
from scheduler.control.recover import recover
from scheduler.control.stream import POISON, RecordStream
from scheduler.state.machine import TestState
from scheduler.store.counters import RECORDS_POISON, RECORDS_STALE, Series, plain_total, response_times, test_totals
from tests.integration.control.clock import believe, pass_time
from tests.integration.control.fake_worker import FakeWorker, fails, record_text
from tests.integration.control.runs import (
    accepted,
    assert_totals_agree,
    outcomes,
    report,
    states,
    submit_suites,
    suite_text,
    view,
)
from tests.waiting import wait_until
from workers.leases import Lease, records_key, wake_key

WIDE = {"test_config": {"max_concurrency": 64}}


def test_the_same_record_twice_counts_once_and_is_not_stale(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2))
    dispatch(farm)
    worker = FakeWorker(farm)
    text = worker.record(_lease(worker))
    farm.redis.xadd(records_key(run.run_id), {"r": text})
    assert aggregate(farm, run.run_id) == 1
    farm.redis.xadd(records_key(run.run_id), {"r": text})
    assert aggregate(farm, run.run_id) == 0
    assert len(report(farm, run.run_id).tests[0].attempts) == 1
    assert view(farm, run.run_id).stale_records == 0
    assert_totals_agree(farm, run.run_id)


def test_a_second_record_under_the_same_lease_is_stored_as_stale_and_counted(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2))
    dispatch(farm)
    worker = FakeWorker(farm)
    lease = _lease(worker)
    message = worker.held[lease]
    worker.record(lease)
    other = record_text(message, "somebody else", AttemptOutcome.FAILED)
    farm.redis.xadd(records_key(run.run_id), {"r": other})
    aggregate(farm, run.run_id)
    test = report(farm, run.run_id).tests[0]
    assert sorted(attempt.stale for attempt in test.attempts) == [False, True]
    assert (test.outcome, view(farm, run.run_id).stale_records) == ("passed", 1)
    with farm.store.session() as session:
        assert plain_total(session, RECORDS_STALE) == 1


def test_a_record_under_an_old_lease_is_stale(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1))
    dispatch(farm)
    slow, quick = FakeWorker(farm, "slow"), FakeWorker(farm, "quick")
    lease = _lease(slow)
    recover(farm, dead_workers=frozenset({"slow"}))
    quick.work()
    slow.record(lease, AttemptOutcome.FAILED)
    aggregate(farm, run.run_id)
    test = report(farm, run.run_id).tests[0]
    assert test.outcome == "passed"
    assert [(a.record.worker, a.record.outcome, a.stale) for a in test.attempts] == [
        ("slow", "lost", False),
        ("slow", "failed", True),
        ("quick", "passed", False),
    ]


def test_control_killed_between_commit_and_acknowledgement_changes_nothing(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(4, **WIDE))
    dispatch(farm)
    FakeWorker(farm).work(fails(2), limit=3)
    killed = RecordStream(farm.redis, run.run_id, consumer="killed")
    merge(farm.store, run.run_id, killed.read())  # and no acknowledgement
    totals = view(farm, run.run_id).totals
    assert farm.redis.xpending(records_key(run.run_id), "control")["pending"] == 3
    assert aggregate(farm, run.run_id, reclaim_idle_ms=0) == 0
    assert farm.redis.xlen(records_key(run.run_id)) == 0
    assert view(farm, run.run_id).totals == totals
    assert view(farm, run.run_id).stale_records == 0
    FakeWorker(farm).work()
    aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id) == ["passed", "passed", "failed", "passed"]
    with farm.store.session() as session:
        assert test_totals(session) == {Series("s0", "plain"): {"passed": 3, "failed": 1}}


def test_pending_records_of_another_control_are_left_alone_while_it_may_be_alive(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2, **WIDE))
    dispatch(farm)
    FakeWorker(farm).work()
    RecordStream(farm.redis, run.run_id, consumer="other").read()
    assert aggregate(farm, run.run_id) == 0
    assert view(farm, run.run_id).open == 2


def test_control_killed_after_the_last_record_leaves_closing_to_recovery(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1))
    dispatch(farm)
    FakeWorker(farm).work()
    stream = RecordStream(farm.redis, run.run_id)
    merge(farm.store, run.run_id, stream.read())
    assert view(farm, run.run_id).state is RunState.RUNNING
    assert recover(farm).closed == 1
    assert view(farm, run.run_id).state is RunState.CLOSED


@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), pieces=st.integers(1, 5))
def test_the_order_of_merging_does_not_matter(farm: Farm, seed: int, pieces: int) -> None:
    dice = random.Random(seed)
    run = submit_suites(farm, suite_text(12, **WIDE))
    dispatch(farm)
    worker = FakeWorker(farm)
    worker.work(fails(3, 7))
    stream = RecordStream(farm.redis, run.run_id)
    entries = stream.read() * 2
    dice.shuffle(entries)
    for piece in range(pieces):
        merge(farm.store, run.run_id, entries[piece::pieces])
    assert outcomes(farm, run.run_id) == ["failed" if n in (3, 7) else "passed" for n in range(12)]
    assert all(accepted(test) == len(test.attempts) == 1 for test in report(farm, run.run_id).tests)
    assert_totals_agree(farm, run.run_id)


def test_any_number_of_aggregators_at_once_count_every_record_once(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(60, **WIDE))
    dispatch(farm)
    FakeWorker(farm).work(fails(5))
    stored: list[int] = []
    threads = [threading.Thread(target=lambda: stored.append(aggregate(farm, run.run_id))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(stored) == 60
    assert view(farm, run.run_id).totals == {"passed": 59, "failed": 1}
    assert view(farm, run.run_id).state is RunState.CLOSED
    with farm.store.session() as session:
        assert test_totals(session) == {Series("s0", "plain"): {"passed": 59, "failed": 1}}
        assert response_times(session)[Series("s0", "plain")].count == 60


POISONS = {
    "not JSON": "{",
    "no record": "{}",
    "empty": "",
    "another run's": '{"run_id": "other"}',
    "too large": "x" * 100_000,
}


@pytest.mark.parametrize("text", POISONS.values(), ids=POISONS.keys())
def test_an_entry_that_cannot_be_read_is_put_aside_once(farm: Farm, text: str) -> None:
    run = submit_suites(farm, suite_text(2, **WIDE))
    dispatch(farm)
    worker = FakeWorker(farm)
    farm.redis.xadd(records_key(run.run_id), {"r": text})
    farm.redis.xadd(records_key(run.run_id), {"other": "field"})
    worker.work()
    assert aggregate(farm, run.run_id) == 2
    assert outcomes(farm, run.run_id) == ["passed"] * 2
    assert farm.redis.llen(POISON) == 2
    assert all(len(str(entry)) < 3000 for entry in farm.redis.lrange(POISON, 0, -1))
    assert any("2 records could not be read" in warning for warning in view(farm, run.run_id).warnings)
    with farm.store.session() as session:
        assert plain_total(session, RECORDS_POISON) == 2


@pytest.mark.parametrize("number", [-1, 17, 2**31, 2**70])
def test_a_record_of_a_test_that_the_run_does_not_have_is_put_aside(farm: Farm, number: int) -> None:
    run = submit_suites(farm, suite_text(2, **WIDE))
    dispatch(farm)
    worker = FakeWorker(farm)
    message = worker.held[_lease(worker)].model_copy(update={"number": number})
    farm.redis.xadd(records_key(run.run_id), {"r": record_text(message, "w", AttemptOutcome.PASSED)})
    worker.work()
    assert aggregate(farm, run.run_id) == 1
    assert farm.redis.llen(POISON) == 1
    assert farm.redis.xlen(records_key(run.run_id)) == 0


def test_a_record_in_the_stream_of_another_run_is_put_aside(farm: Farm) -> None:
    _, other = submit_suites(farm, suite_text(1)), submit_suites(farm, suite_text(1))
    dispatch(farm)
    worker = FakeWorker(farm)
    text = worker.record(_lease(worker))
    farm.redis.xadd(records_key(other.run_id), {"r": text})
    assert aggregate(farm, other.run_id) == 0
    assert report(farm, other.run_id).tests[0].attempts == ()
    assert farm.redis.llen(POISON) == 1


def test_a_record_that_the_database_refuses_does_not_hold_up_the_others(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(5, **WIDE))
    dispatch(farm)
    worker = FakeWorker(farm)
    message = worker.held[_lease(worker)].model_copy(update={"lease": 2**70})
    farm.redis.xadd(records_key(run.run_id), {"r": record_text(message, "w", AttemptOutcome.PASSED)})
    worker.work()
    entries = RecordStream(farm.redis, run.run_id, consumer="other").read()
    parts = merge_or_split(farm, run.run_id, entries)
    assert sum(part.accepted for part in parts) == 4
    assert [entry.id for part in parts for entry in part.unusable] == [entries[0].id]


def test_a_test_whose_record_was_unreadable_is_run_again(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1))
    dispatch(farm)
    believe(farm)
    worker = FakeWorker(farm)
    worker.held.clear()
    message = worker.pop()
    assert message is not None
    lease = worker.take(message)
    assert lease is not None
    farm.redis.delete(lease.key)  # what record.lua does beside adding the entry
    farm.redis.xadd(records_key(run.run_id), {"r": "{"})
    for _ in range(2):
        recover(farm)
        pass_time(farm, 5)
    worker.work()
    aggregate(farm, run.run_id)
    assert outcomes(farm, run.run_id) == ["passed"]


HOSTILE = ["nul \x00", "\x1b[31m", "\u202e", "😀" * 400, "'; DROP TABLE runs; --"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_in_a_record_are_stored_and_come_back(farm: Farm, text: str) -> None:
    run = submit_suites(farm, suite_text(1))
    dispatch(farm)
    worker = FakeWorker(farm)
    message = worker.held[_lease(worker)]
    said = {"stderr_tail": text, "answer": {"text": text}, "cause": Cause(kind=CauseKind.PROTOCOL, message=text)}
    farm.redis.xadd(records_key(run.run_id), {"r": record_text(message, text, AttemptOutcome.ERROR, **said)})
    aggregate(farm, run.run_id)
    (attempt,) = report(farm, run.run_id).tests[0].attempts
    kept = text.replace("\0", "\ufffd")
    assert (attempt.record.stderr_tail, attempt.record.answer) == (kept, {"text": kept})
    assert report(farm, run.run_id).tests[0].reason.isprintable()


def test_a_full_size_record_is_stored(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1))
    dispatch(farm)
    worker = FakeWorker(farm)
    worker.record(_lease(worker), AttemptOutcome.FAILED, stderr_tail="x" * (MAX_RECORD_BYTES - 1000))
    assert aggregate(farm, run.run_id) == 1


def test_a_late_record_of_a_closed_run_is_stale_and_its_stream_goes_again(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1))
    dispatch(farm)
    worker = FakeWorker(farm)
    lease = _lease(worker)
    message = worker.held[lease]
    worker.record(lease)
    aggregate(farm, run.run_id)
    assert view(farm, run.run_id).state is RunState.CLOSED
    farm.redis.xadd(records_key(run.run_id), {"r": record_text(message, "late", AttemptOutcome.FAILED)})
    recover(farm)
    assert view(farm, run.run_id).stale_records == 1
    assert not farm.redis.exists(records_key(run.run_id))


def test_records_of_a_run_that_does_not_exist_are_put_aside(farm: Farm) -> None:
    farm.redis.xadd(records_key("nobody"), {"r": "{}"})
    assert aggregate(farm, "nobody") == 0
    assert farm.redis.llen(POISON) == 1
    assert not farm.redis.exists(records_key("nobody"))


def test_the_wake_up_is_taken_away_before_the_last_look_so_that_none_is_lost(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(2, **WIDE))
    dispatch(farm)
    worker = FakeWorker(farm)
    worker.work(limit=1)
    with farm.redis.monitor() as monitor:
        aggregate(farm, run.run_id)
        farm.redis.echo("over")
        seen = [str(command["command"]).split() for command in _until_echo(monitor)]
    names = [words[0] for words in seen]
    taken_away = names.index("DEL")
    assert "XREADGROUP" in names[taken_away:]
    worker.work()
    assert farm.redis.exists(wake_key(run.run_id))


def test_while_records_are_read_nobody_needs_to_wake_anybody(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1, **WIDE))
    reader = threading.Thread(target=aggregate, args=(farm, run.run_id), kwargs={"block_ms": 3000})
    reader.start()
    wait_until(lambda: farm.redis.exists(wake_key(run.run_id)), message="the reader is awake")
    dispatch(farm)
    FakeWorker(farm).work()
    reader.join()
    assert farm.redis.llen("control") == 0
    assert view(farm, run.run_id).state is RunState.CLOSED


def _until_echo(monitor: Any) -> Iterator[dict[str, Any]]:
    for command in monitor.listen():
        if str(command["command"]).startswith("ECHO"):
            return
        yield command


def test_a_worker_that_could_not_run_a_test_hands_it_to_the_next_lease(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1))
    dispatch(farm)
    worker = FakeWorker(farm)
    worker.record(_lease(worker), AttemptOutcome.LOST)
    aggregate(farm, run.run_id)
    assert states(farm, run.run_id) == [TestState.PUBLISHED]
    worker.record(_lease(worker), AttemptOutcome.ABORTED)  # nobody asked for that: lost, too
    aggregate(farm, run.run_id)
    assert worker.work() == 1
    aggregate(farm, run.run_id)
    test = report(farm, run.run_id).tests[0]
    assert [attempt.record.lease for attempt in test.attempts] == [1, 2, 3]
    assert test.outcome == "passed"


def test_the_duration_of_a_test_is_that_of_its_attempt(farm: Farm) -> None:
    run = submit_suites(farm, suite_text(1))
    dispatch(farm)
    worker = FakeWorker(farm)
    now = datetime.now(UTC)
    worker.record(_lease(worker), started_at=now - timedelta(seconds=3), ended_at=now)
    aggregate(farm, run.run_id)
    assert report(farm, run.run_id).tests[0].duration_s == pytest.approx(3)


def _lease(worker: FakeWorker) -> Lease:
    """The next lease; there must be one."""
    lease = worker.take_next()
    assert lease is not None
    return lease
