"""What a test costs Redis, by its state: published, taken, recorded; and what is left of it afterwards."""

from bench.bare_farm import CONCURRENCY, bare_farm, request_of
from bench.fold import used_memory_bytes
from bench.stand_in import StandIn, in_parts
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.control.submit import submit
from workers.leases import Taken

TESTS = 2_500
WORKERS, SLOTS = 4, 256
"""So many that all tests of the run are published at once."""


def measure_redis_bytes() -> dict[str, float]:
    """Bytes per test that Redis holds more than before, by state; keys that a closed run leaves (pace, and costs)."""
    with bare_farm("sqlite") as farm:
        run = submit(farm, request_of(farm, TESTS, per_suite=CONCURRENCY))
        workers = StandIn(farm, WORKERS, SLOTS)
        workers.announce()
        keys, before = farm.redis.dbsize(), used_memory_bytes(farm)
        sent = dispatch(farm)
        published = used_memory_bytes(farm)
        messages = workers.pop()
        while more := workers.pop():
            messages += more
        granted = workers.take(messages).count(Taken.GRANTED)
        taken = used_memory_bytes(farm)
        for part in in_parts(messages):
            workers.record(part)
        recorded = used_memory_bytes(farm)
        stored = aggregate(farm, run.run_id, budget_s=60)
        left = farm.redis.dbsize() - keys
    if not sent == granted == stored == TESTS:
        raise RuntimeError(f"expected {TESTS} tests in every state, found {sent}, {granted} and {stored}")
    states = {"published": published, "taken": taken, "recorded": recorded}
    return {
        **{f"redis_bytes_per_test_{state}": (bytes_ - before) / TESTS for state, bytes_ in states.items()},
        "redis_keys_left": left,
    }
