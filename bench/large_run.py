"""A run of 100,000 tests from the side of whoever waits: one dispatch, and how soon a cancel holds.

A cancel holds in three steps: Redis says so (`flag`), no lease is granted any more (`no_start`), and every test has an
outcome and the run is closed (`closed`).
"""

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.bare_farm import bare_farm, request_of
from bench.databases import KINDS
from bench.stand_in import StandIn, in_parts
from harness.models.job import TestMessage
from harness.models.outcomes import AttemptOutcome
from harness.models.run import RunState
from scheduler.control.aggregate import aggregate, merge_or_split
from scheduler.control.cancel import cancel
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm
from scheduler.control.stream import RecordStream
from scheduler.control.submit import submit
from scheduler.store.queries import run_view
from workers.leases import Taken, cancelled_key

TESTS = 100_000
ROUNDS = 20
TAKEN = 64
"""Tests that run when the cancel comes."""


def measure_large_run() -> dict[str, float]:
    """Both databases, one after another."""
    return {name: value for kind in KINDS for name, value in large_run_on(kind, TESTS).items()}


def large_run_on(kind: str, tests: int) -> dict[str, float]:
    """Submit, dispatch and work for some rounds, then cancel."""
    with bare_farm(kind) as farm:
        run_id, workers = submit(farm, request_of(farm, tests)).run_id, StandIn(farm)
        rounds = [_round(farm, run_id, workers) for _ in range(ROUNDS)]
        workers.announce()
        dispatch(farm)
        times = _cancel(farm, run_id, workers)
    return {
        f"dispatch_p50_ms_{kind}": 1000 * statistics.median(took_s for _, took_s in rounds),
        f"dispatch_tests_p50_{kind}": statistics.median(sent for sent, _ in rounds),
        f"cancel_flag_s_{kind}": times.flag_s,
        f"cancel_no_start_s_{kind}": times.no_start_s,
        f"cancel_closed_s_{kind}": times.closed_s,
    }


def _round(farm: Farm, run_id: str, workers: StandIn) -> tuple[int, float]:
    """Fill an empty window, and time that; then do what is in it, so that the next one finds it empty."""
    workers.announce()
    began = time.perf_counter()
    sent = dispatch(farm)
    took_s = time.perf_counter() - began
    while messages := workers.pop():
        for part in in_parts(messages):
            workers.record(part)
    stream = RecordStream(farm.redis, run_id)
    while batch := stream.read():
        merge_or_split(farm, run_id, batch)
        stream.acknowledge(batch)
    return sent, took_s


@dataclass
class _Cancelled:
    """Seconds since the cancel began. `no_start_s` is that of the last lease granted, 0 when none was."""

    flag_s: float = 0.0
    no_start_s: float = 0.0
    closed_s: float = 0.0
    running: list[TestMessage] = field(default_factory=list)


def _cancel(farm: Farm, run_id: str, workers: StandIn) -> _Cancelled:
    """Cancel, while workers go on taking what is queued until they are refused, then end what they run."""
    times, waiting = _Cancelled(), workers.pop()
    times.running = [waiting.pop() for _ in range(TAKEN)]
    workers.take(times.running)
    began = time.monotonic()
    thread = threading.Thread(target=cancel, args=(farm, run_id, "bench"))
    thread.start()
    _take_until_refused(workers, waiting, times, lambda: time.monotonic() - began)
    while not farm.redis.exists(cancelled_key(run_id)):
        time.sleep(0.001)
    times.flag_s = time.monotonic() - began
    workers.record(times.running, AttemptOutcome.ABORTED)
    thread.join()
    while _is_open(farm, run_id):
        aggregate(farm, run_id, block_ms=10)
    times.closed_s = time.monotonic() - began
    return times


def _take_until_refused(
    workers: StandIn, waiting: list[TestMessage], times: _Cancelled, elapsed_s: Callable[[], float]
) -> None:
    """A take a millisecond: each is granted until the cancel holds, or what was queued is withdrawn."""
    while waiting:
        message = waiting.pop()
        if workers.take([message]) != [Taken.GRANTED]:
            return
        times.running.append(message)
        times.no_start_s = elapsed_s()
        time.sleep(0.001)
    raise RuntimeError("every queued test was taken before the cancel held")


def _is_open(farm: Farm, run_id: str) -> bool:
    with farm.store.session() as session:
        return run_view(session, run_id).state is not RunState.CLOSED
