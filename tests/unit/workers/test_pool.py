"""The pool as Celery uses it: slots, results, time limits, revoking, handing back, stopping."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from celery import signals
from celery.exceptions import Reject

from tests.waiting import wait_until
from workers.jobs import EndedBy, Job, Outcome
from workers.pool import CoroutinePool


@dataclass
class FakeService:
    """Remembers what the pool did with it, and on which thread."""

    calls: list[str] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    grace_s: float = 60

    async def start(self) -> None:
        self._note("start")

    async def warm_up(self) -> None:
        self._note("warm_up")

    def close(self) -> None:
        self._note("close")

    async def stop(self) -> None:
        self._note("stop")

    def _note(self, call: str) -> None:
        self.calls.append(call)
        self.threads.add(threading.get_ident())


@dataclass
class Told:
    """What Celery's request was told of one task."""

    accepted: list[int] = field(default_factory=list)
    results: list[tuple[int, Any, float]] = field(default_factory=list)
    timeouts: list[float] = field(default_factory=list)


class Bench:
    """A pool with two slots, and Celery's side of it."""

    def __init__(self, grace_s: float = 60) -> None:
        self.service = FakeService(grace_s=grace_s)
        self.tasks: dict[str, Any] = {}
        self.pool = CoroutinePool(2, app=SimpleNamespace(service=self.service, tasks=self.tasks))
        self.pool.start()

    def apply(
        self,
        coroutine: Callable[..., Coroutine[Any, Any, Outcome]],
        *args: Any,
        timeout: float | None = None,
        order: list[str] | None = None,
    ) -> Told:
        told = Told()
        name = f"task-{len(self.tasks)}"
        self.tasks[name] = SimpleNamespace(coroutine=coroutine)
        self.pool.apply_async(
            None,
            args=(name, "id", {"args": list(args)}, b"", "json", "utf-8"),
            callback=lambda result: (told.results.append(result), order is None or order.append("told")),
            accept_callback=lambda pid, _: told.accepted.append(pid),
            timeout_callback=lambda soft, limit: told.timeouts.append(limit),
            timeout=timeout,
        )
        return told

    def wait(self, condition: Callable[[], object]) -> None:
        """Play the hub: deliver results until something is true."""

        def deliver() -> object:
            self.pool._deliver()
            return condition()

        wait_until(deliver, 5)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.pool.terminate()


async def echo(job: Job, value: str) -> Outcome:
    return Outcome(ok=True, shown=value)


def _is_returned(told: Told) -> bool:
    """Whether its message went back to its queue."""
    ((failed, shown, _),) = told.results
    return bool(failed and isinstance(shown.exception, Reject) and shown.exception.requeue)


async def sleep_long(job: Job) -> Outcome:
    await asyncio.sleep(60)
    return Outcome(ok=True, shown="slept")


def test_a_result_is_told_on_the_thread_of_the_hub(bench: Bench) -> None:
    told = bench.apply(echo, "hello")

    bench.wait(lambda: told.results)

    ((failed, shown, runtime_s),) = told.results
    assert (failed, shown, len(told.accepted)) == (False, "hello", 1) and runtime_s >= 0
    assert bench.service.threads and threading.get_ident() not in bench.service.threads


def test_a_test_that_did_not_pass_is_told_as_a_failure_with_its_cause(bench: Bench) -> None:
    async def not_passed(job: Job) -> Outcome:
        return Outcome(ok=False, shown="failed, check: 1 is not 2")

    told = bench.apply(not_passed)
    bench.wait(lambda: told.results)

    ((failed, failure, _),) = told.results
    assert failed and repr(failure.exception) == "NotPassed('failed, check: 1 is not 2')"


def test_a_coroutine_that_breaks_is_told_as_a_failure(bench: Bench) -> None:
    async def broken(job: Job) -> Outcome:
        raise KeyError("x")

    told = bench.apply(broken)
    bench.wait(lambda: told.results)

    assert told.results[0][0] and "KeyError" in str(told.results[0][1].exception)


def test_a_plain_task_is_refused(bench: Bench) -> None:
    bench.tasks["plain"] = SimpleNamespace()
    told = Told()
    bench.pool.apply_async(
        None,
        args=("plain", "id", {"args": []}, b"", "json", "utf-8"),
        callback=told.results.append,
        accept_callback=lambda pid, _: told.accepted.append(pid),
    )
    bench.wait(lambda: told.results)

    assert told.results[0][0]


def test_a_task_is_accepted_only_when_it_has_a_slot(bench: Bench) -> None:
    running = [bench.apply(sleep_long) for _ in range(2)]
    waiting = bench.apply(echo, "late")
    assert [len(told.accepted) for told in running] == [1, 1] and waiting.accepted == []
    assert bench.pool.info["running"] == 2 and bench.pool.info["waiting"] == 1

    bench.pool.terminate_job(running[0].accepted[0])

    bench.wait(lambda: waiting.results)
    assert waiting.accepted


def test_a_time_limit_is_seen_by_the_coroutine_and_told_as_one(bench: Bench) -> None:
    seen: list[EndedBy | None] = []

    async def observe(job: Job) -> Outcome:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append(job.ended_by)
            raise
        return Outcome(ok=True, shown="")

    told = bench.apply(observe, timeout=0.05)
    bench.wait(lambda: told.timeouts)

    assert (seen, told.timeouts, told.results) == ([EndedBy.TIME_LIMIT], [0.05], [])


def test_a_time_limit_that_the_coroutine_turned_into_a_result_is_a_result(bench: Bench) -> None:
    async def settle(job: Job) -> Outcome:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        return Outcome(ok=False, shown="timeout")

    told = bench.apply(settle, timeout=0.05)
    bench.wait(lambda: told.results)

    assert told.results[0][0] and told.timeouts == []


def test_a_revoked_task_is_ended_and_not_told_again(bench: Bench) -> None:
    told = bench.apply(sleep_long)

    bench.pool.terminate_job(told.accepted[0])

    bench.wait(lambda: bench.pool.info["running"] == 0)
    assert told.results == [] and told.timeouts == []


def test_what_a_revoked_task_still_returns_is_not_told(bench: Bench) -> None:
    running = threading.Event()

    async def settle(job: Job) -> Outcome:
        running.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        return Outcome(ok=False, shown="aborted")

    told = bench.apply(settle)
    assert running.wait(5)
    bench.pool.terminate_job(told.accepted[0])

    bench.wait(lambda: bench.pool.info["running"] == 0)
    assert told.results == []


def test_a_task_can_be_ended_before_its_first_step(bench: Bench) -> None:
    for _ in range(20):
        told = bench.apply(sleep_long)
        bench.pool.hand_back(told.accepted[0])

        bench.wait(lambda: bench.pool.info["running"] == 0)


def test_what_a_cold_shutdown_hands_back_is_not_told_so_that_its_message_returns(bench: Bench) -> None:
    told = bench.apply(sleep_long)

    bench.pool.hand_back(told.accepted[0])

    bench.wait(lambda: bench.pool.info["running"] == 0)
    assert told.results == []


def test_a_task_that_settles_is_left_alone_and_told(bench: Bench) -> None:
    settling = threading.Event()

    async def settle(job: Job) -> Outcome:
        job.settling = True
        settling.set()
        await asyncio.sleep(0.05)
        return Outcome(ok=True, shown="recorded")

    told = bench.apply(settle)
    assert settling.wait(5)
    bench.pool.hand_back(told.accepted[0])

    bench.wait(lambda: told.results)
    assert told.results[0][:2] == (False, "recorded")


def test_a_warm_stop_waits_for_the_running_and_returns_the_waiting_first(bench: Bench) -> None:
    order: list[str] = []
    go_on = threading.Event()

    async def nap(job: Job) -> Outcome:
        await asyncio.to_thread(go_on.wait, 5)
        return Outcome(ok=True, shown="done")

    told = [bench.apply(nap, order=order) for _ in range(5)]
    stopping = threading.Thread(target=lambda: (bench.pool.close(), bench.pool.stop()))
    stopping.start()
    wait_until(lambda: len(order) == 3, 5)
    go_on.set()
    stopping.join(10)

    assert [_is_returned(one) for one in told] == [False, False, True, True, True]
    assert [one.results[0][:2] for one in told[:2]] == [(False, "done")] * 2
    assert bench.service.calls[0] == "start" and bench.service.calls[-1] == "stop"
    assert "close" in bench.service.calls


def test_what_still_runs_when_the_grace_is_over_is_returned() -> None:
    bench = Bench(grace_s=0)
    told = [bench.apply(sleep_long) for _ in range(2)]

    bench.pool.stop()

    assert [_is_returned(one) for one in told] == [True, True]


def test_a_second_signal_ends_the_grace(bench: Bench) -> None:
    told = bench.apply(sleep_long)

    for _ in range(2):
        signals.worker_shutting_down.send(sender="worker@x", sig="SIGTERM", how="Warm", exitcode=0)
    bench.pool.stop()

    assert _is_returned(told)


def test_a_cold_stop_hands_back_what_runs_and_forgets_what_waits(bench: Bench) -> None:
    told = [bench.apply(sleep_long) for _ in range(3)]

    bench.pool.terminate()

    assert [one.results for one in told] == [[], [], []]
    assert bench.service.calls[-1] == "stop"


def test_stopping_twice_is_harmless(bench: Bench) -> None:
    bench.pool.stop()
    bench.pool.stop()
    bench.pool.terminate()

    assert bench.service.calls.count("stop") == 1


def test_a_broken_request_does_not_stop_the_others(bench: Bench) -> None:
    def explode(result: Any) -> None:
        raise RuntimeError("Celery's own fault")

    bench.tasks["bad"] = SimpleNamespace(coroutine=echo)
    bench.pool.apply_async(
        None,
        args=("bad", "id", {"args": ["x"]}, b"", "json", "utf-8"),
        callback=explode,
        accept_callback=lambda pid, at: None,
    )
    told = bench.apply(echo, "fine")

    bench.wait(lambda: told.results)


def test_a_service_that_cannot_start_ends_the_worker() -> None:
    class Broken(FakeService):
        async def start(self) -> None:
            raise OSError("no scratch directory")

    pool = CoroutinePool(2, app=SimpleNamespace(service=Broken(), tasks={}))

    with pytest.raises(OSError, match="no scratch directory"):
        pool.start()
    pool.terminate()
