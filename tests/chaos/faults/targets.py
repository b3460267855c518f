"""Faults of servers under test: a test that takes its worker down with it, a target that is closed for a while."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace

from tests.chaos.faults.fault import ONCE, Fault
from tests.chaos.planned import Planned, Truth
from tests.chaos.scene import Scene
from tests.chaos.truth import LONG, TARGETS

POISONED_TARGET = TARGETS[1]
"""Its long test is the end of every worker that calls it."""
MAX_KILLS = 12
CLOSED_S = 60.0
CLOSED_TARGET = TARGETS[0]


def _is_poison(planned: Planned) -> bool:
    return planned.calls.endswith(f"{POISONED_TARGET}.{LONG}")


def poisoned(truth: Truth) -> Truth:
    """The poison test cannot be carried out."""
    tests = (replace(test, outcomes=("error",)) if _is_poison(test) else test for test in truth.tests)
    return replace(truth, tests=tuple(tests))


@contextlib.contextmanager
def poison(scene: Scene) -> Iterator[None]:
    """Whoever runs that test dies as soon as its server was called."""
    names = [test.calls for test in scene.main.truth.tests if _is_poison(test)]
    log = scene.main.place.calls / f"{POISONED_TARGET}.calls"
    over = threading.Event()

    def watch() -> None:
        seen = 0
        while not over.wait(0.005) and seen < MAX_KILLS:
            text = log.read_text() if log.exists() else ""
            if (calls := sum(text.count(f"call {name} ") for name in names)) > seen:
                seen = calls
                _kill_caller(scene, names)

    thread = threading.Thread(target=watch, name="poison")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _kill_caller(scene: Scene, names: list[str]) -> None:
    """kill -9 of the worker that holds the lease of the test."""
    query = "SELECT number FROM tests WHERE run_id = %s AND name = %s AND suite LIKE %s"
    rows = scene.farm.sql(query, scene.main.id, LONG, f"%{names[0].split('.')[0]}%")
    with scene.farm.client() as client:
        holder = client.hget(f"farm:lease:{scene.main.id}:{rows[0][0]}", "worker")
    for worker in [worker for worker in scene.farm.workers if worker.name == holder]:
        scene.injections += 1
        scene.count_exposed()
        scene.mark_worker(worker)
        worker.kill()
        scene.farm.replace(worker)


def close_target(scene: Scene) -> None:
    """A target ends and does not start for a minute."""
    file = scene.main.place.closed(CLOSED_TARGET)
    file.touch()
    scene.last(CLOSED_S)
    file.unlink()


def unreachable(truth: Truth) -> Truth:
    """Tests of the closed target may end as errors, and those that depend on them are skipped then; no other may."""
    return replace(truth, tests=tuple(_or_unreachable(test) for test in truth.tests))


def _or_unreachable(test: Planned) -> Planned:
    if f"-{CLOSED_TARGET}/" not in test.test_id:
        return test
    return test.or_else("error", "skipped") if "/chain-" in test.test_id else test.or_else("error")


TARGET_FAULTS = (
    Fault("poison test", around=poison, allows=poisoned),
    Fault("target closed for a minute", close_target, ONCE, allows=unreachable),
)
