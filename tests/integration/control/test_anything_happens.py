"""A run under random events, through the real store and the real scripts: it ends, and tells the truth.

Two workers take, record, die, stop for a while and come back; messages vanish or come twice; Redis is emptied; control
looks, or does not. What each test would do is known beforehand.
"""

import random
from collections.abc import Callable

import pytest

from harness.models.job import TestMessage
from harness.models.outcomes import AttemptOutcome
from harness.models.run import RunState
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch, release_due
from scheduler.control.farm import Farm
from scheduler.control.recover import recover
from tests.integration.control.clock import believe, pass_time
from tests.integration.control.fake_worker import FakeWorker
from tests.integration.control.runs import accepted, assert_totals_agree, report, submit_suites, suite_text, view

POLICY = {"test_config": {"max_concurrency": 64, "retry": {"max_retries": 2, "retry_delay_ms": 1000}}}
FLAKY, BROKEN = 3, 5
"""Numbers of a test that fails once, and of one that always fails."""


class Weather:
    """Everything that may happen, drawn by a seed."""

    def __init__(self, farm: Farm, run_id: str, seed: int) -> None:
        self.farm, self.run_id, self.chance = farm, run_id, random.Random(seed)
        self.workers = [FakeWorker(farm, f"w{n}") for n in range(2)]
        self.dead = 0
        self.failed: set[int] = set()

    def step(self) -> None:
        """One thing happens."""
        events: list[tuple[int, Callable[[], None]]] = [
            (30, self.take),
            (40, self.record),
            (12, self.control),
            (6, self.tick),
            (6, lambda: pass_time(self.farm, self.chance.choice([1, 6, 25]))),
            (3, self.die),
            (2, self.lose_messages),
            (2, self.double_messages),
            (1, self.flush),
        ]
        weights, actions = zip(*events, strict=True)
        self.chance.choices(actions, weights)[0]()

    def verdict(self, message: TestMessage) -> AttemptOutcome:
        """What the test's server does."""
        fails = message.number == BROKEN or (message.number == FLAKY and FLAKY not in self.failed)
        if fails:
            self.failed.add(message.number)
        return AttemptOutcome.FAILED if fails else AttemptOutcome.PASSED

    def take(self) -> None:
        worker = self.chance.choice(self.workers)
        message = worker.pop()
        if message is not None:
            worker.take(message)

    def record(self) -> None:
        worker = self.chance.choice(self.workers)
        if worker.held:
            lease = self.chance.choice(list(worker.held))
            worker.record(lease, self.verdict(worker.held[lease]))

    def control(self) -> None:
        aggregate(self.farm, self.run_id)

    def tick(self) -> None:
        for worker in self.workers:
            worker.announce()
        release_due(self.farm)
        recover(self.farm)

    def die(self) -> None:
        """A worker is killed with all it has; another one starts."""
        place = self.chance.randrange(2)
        self.dead += 1
        self.workers[place] = FakeWorker(self.farm, f"w{place}-{self.dead}")

    def lose_messages(self) -> None:
        self.chance.choice(self.workers).pop()

    def double_messages(self) -> None:
        for queue in list(self.farm.redis.scan_iter(match="tests.v1.*")):
            for entry in self.farm.redis.lrange(queue, 0, -1):
                self.farm.redis.lpush(queue, entry)

    def flush(self) -> None:
        self.farm.redis.flushall()

    def calm(self) -> None:
        """From here on nothing goes wrong any more."""
        for _ in range(200):
            if view(self.farm, self.run_id).state is RunState.CLOSED:
                return
            pass_time(self.farm, 7)
            self.tick()
            for worker in self.workers:
                for lease in list(worker.held):
                    worker.record(lease, self.verdict(worker.held[lease]))
                worker.work(self.verdict)
            dispatch(self.farm)
            self.control()


@pytest.mark.parametrize("seed", range(8))
def test_a_run_ends_with_every_test_recorded_and_none_twice_whatever_happens(farm: Farm, seed: int) -> None:
    believe(farm)
    run_id = submit_suites(
        farm, suite_text(6, **POLICY), suite_text(4, name="group", isolation="suite", **POLICY)
    ).run_id
    dispatch(farm)
    weather = Weather(farm, run_id, seed)
    for _ in range(120):
        weather.step()
    weather.calm()

    assert view(farm, run_id).state is RunState.CLOSED
    assert_totals_agree(farm, run_id)
    for test in report(farm, run_id).tests:
        records = [attempt.record for attempt in test.attempts if not attempt.stale and not attempt.superseded]
        leases = [record.lease for record in records]
        assert accepted(test) >= 1 and len(leases) == len(set(leases))
        verdicts = [record.outcome for record in records if record.outcome is not AttemptOutcome.LOST]
        if not verdicts:
            assert test.outcome == "error" and test.reason.startswith(("infrastructure:", "poison:"))
        elif test.number == BROKEN:
            assert test.outcome == "failed"
        elif test.number == FLAKY:
            assert test.outcome in ("flaky", "passed") or len(records) > 3
        else:
            assert test.outcome == "passed"
