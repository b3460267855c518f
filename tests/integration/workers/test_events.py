"""What Flower is told: every test by its name while they are few, failures with their cause, a sample of many."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.integration.workers.farm import Farm, plan_of, tool_test
from tests.waiting import wait_until
from workers.broker import build_app


@dataclass(frozen=True)
class _Address:
    redis_url: str


def test_a_test_is_shown_by_its_name_and_a_failure_by_its_cause(farm: Farm) -> None:
    farm.start_worker()
    with _listening(farm) as events:
        farm.publish(plan_of([tool_test(0), tool_test(1, "fail", {"message": "broken"})]))

        wait_until(lambda: {"r1-0-1", "r1-1-1"} <= _ended(events), 15, "both tests to be told")

    received = {event["uuid"]: event for event in events if event["type"] == "task-received"}
    assert received["r1-0-1"]["args"] == "default/suite/target/echo/t0"
    assert received["r1-0-1"]["name"] == "farm.run_test"
    succeeded = next(event for event in events if event["type"] == "task-succeeded")
    failed = next(event for event in events if event["type"] == "task-failed")
    assert (succeeded["uuid"], succeeded["result"]) == ("r1-0-1", "passed")
    assert failed["uuid"] == "r1-1-1" and "unexpected error" in failed["exception"] and "broken" in failed["exception"]


def test_of_many_tests_every_failure_is_told(farm: Farm) -> None:
    farm.start_worker(slots=16)
    failing = {100, 399}
    with _listening(farm) as events:
        farm.publish(plan_of([tool_test(n, "fail" if n in failing else "echo") for n in range(400)]))
        farm.wait_for_records(400)
        wait_until(lambda: {f"r1-{n}-1" for n in failing} <= _ended(events), 15, "the failures to be told")

    assert len([event for event in events if event["type"] == "task-failed"]) == 2


@contextmanager
def _listening(farm: Farm) -> Iterator[list[dict[str, Any]]]:
    """All events of tasks, as they come."""
    events: list[dict[str, Any]] = []
    app = build_app(_Address(farm.server.url))
    with app.connection_for_read() as connection:
        receiver = app.events.Receiver(connection, handlers={"*": events.append})
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    receiver.capture(limit=None, timeout=0.2, wakeup=False)
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        wait_until(lambda: any(event["type"] == "worker-heartbeat" for event in events), 15, "a heartbeat")
        try:
            yield events
        finally:
            done.set()
            thread.join()


def _ended(events: list[dict[str, Any]]) -> set[str]:
    return {event["uuid"] for event in list(events) if event["type"] in {"task-succeeded", "task-failed"}}
