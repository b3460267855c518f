"""Celery's pool for coroutines: one event loop in a thread of its own, up to `limit` tasks in flight. Knows no test.

All bookkeeping (who runs, who waits, what is told to Celery) happens on Celery's thread, the one that runs its hub; the
loop only runs coroutines. Results cross over on a deque, and a pipe wakes the hub. A task offers its coroutine
as the attribute `coroutine`; Celery's tracer is not used, so signals, retries, chains and results do not exist here.
"""

import asyncio
import gc
import itertools
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from celery import signals
from celery.concurrency.base import BasePool

from harness.log import get_logger
from workers.grace import Grace
from workers.jobs import EndedBy, Job, Outcome, Service
from workers.telling import outcome_of, tell, tell_in_cold_shutdown

log = get_logger("pool")

START_S = 20.0
HAND_BACK_S = 5.0
COLLECT_AFTER_S = 5.0
STOP_S = 10.0


class CoroutinePool(BasePool):  # type: ignore[misc]  # celery is untyped
    """`worker_pool = "workers.pool:CoroutinePool"`, without -P on the command line."""

    signal_safe = False
    body_can_be_buffer = True
    task_join_will_block = False

    def on_start(self) -> None:
        """Start the loop, and the service on it."""
        self._service: Service = self.app.service
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self._waiting: deque[Job] = deque()
        self._finished: deque[Job] = deque()
        self._woken = False
        self._is_cold = False
        self._hub: Any = None
        self._wake_reader, self._wake_writer = os.pipe()
        self._loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = threading.Thread(target=self._run_loop, name="loop", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._service.start(), self._loop).result(START_S)
        self._grace = Grace(self._service.grace_s)
        signals.worker_shutting_down.connect(self._grace.told_to_stop)

    def register_with_event_loop(self, hub: Any) -> None:
        """Let Celery's hub read our results; called again after each reconnect."""
        if self._hub is None:
            hub.call_soon(asyncio.run_coroutine_threadsafe, self._service.warm_up(), self._loop)
        else:  # Celery's old connection is a circle of objects, and holds its sockets until somebody looks
            hub.call_later(COLLECT_AFTER_S, gc.collect)
        self._hub = hub
        hub.add_reader(self._wake_reader, self._deliver)

    def on_apply(  # the signature is Celery's
        self,
        target: Any,
        args: Any,
        kwargs: Any,
        *,
        callback: Any,
        accept_callback: Any,
        timeout_callback: Any = None,
        timeout: float | None = None,
        soft_timeout: float | None = None,
        **_: Any,
    ) -> None:
        """Start a task, or let it wait until one ends. A soft limit is as good as a hard one: the body sees it."""
        name, request = args[0], args[2]
        job = Job(
            number=next(self._numbers),
            coroutine=getattr(self.app.tasks[name], "coroutine", _refuse),
            args=tuple(request["args"]),
            timeout_s=soft_timeout or timeout,
            on_accepted=accept_callback,
            on_result=callback,
            on_timeout=timeout_callback,
        )
        self._waiting.append(job)
        self._admit()

    def terminate_job(self, pid: int, signal: Any = None) -> None:
        """End a task for good: somebody revoked it."""
        self._end(pid, EndedBy.REVOKED)

    def hand_back(self, pid: int) -> None:
        """End a task without telling Celery, so that its message returns to the queue; so do those that wait."""
        self._waiting.clear()
        self._is_cold = True
        self._end(pid, EndedBy.HANDED_BACK)

    def on_close(self) -> None:
        """No new tasks come."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._service.close)

    def on_stop(self) -> None:
        """Let running tasks end within the grace, hand back the rest, tell Celery, close the service.

        Tasks that have not begun are handed back first. A cold shutdown may call this while it waits.
        """
        self.on_close()
        if not self._is_cold:
            self._return_waiting()
            self._wait_for_jobs(self._grace.is_over)
            self._end_all(EndedBy.HANDED_BACK)
        self._wait_for_jobs(_after(HAND_BACK_S))
        self._shut_down()

    def on_terminate(self) -> None:
        """Hand back what still runs, then stop."""
        self._waiting.clear()
        self._is_cold = True
        self._end_all(EndedBy.HANDED_BACK)
        self._wait_for_jobs(_after(HAND_BACK_S))
        self._shut_down()

    def _get_info(self) -> dict[str, Any]:
        return {**super()._get_info(), "running": len(self._jobs), "waiting": len(self._waiting)}

    # On Celery's thread.

    def _admit(self) -> None:
        """Start waiting tasks while slots are free. Accepting early would drain the whole queue into this process."""
        while self._waiting and len(self._jobs) < self.limit:
            job = self._waiting.popleft()
            self._jobs[job.number] = job
            self._loop.call_soon_threadsafe(self._begin, job)
            job.on_accepted(job.number, time.monotonic())

    def _end(self, number: int, by: EndedBy) -> None:
        if (job := self._jobs.get(number)) and not job.ended_by:
            job.ended_by = by
            self._loop.call_soon_threadsafe(_cancel, job)

    def _deliver(self) -> None:
        """Tell Celery what ended. The flag falls before the deque is emptied, so that no wake-up is lost."""
        if self._woken:
            os.read(self._wake_reader, 4096)
            self._woken = False
        while self._finished:
            job = self._finished.popleft()
            self._jobs.pop(job.number, None)
            self._tell(job)
        self._admit()

    def _tell(self, job: Job) -> None:
        (tell_in_cold_shutdown if self._is_cold else tell)(job)

    def _return_waiting(self) -> None:
        while self._waiting:
            job = self._waiting.popleft()
            job.ended_by = EndedBy.HANDED_BACK
            self._tell(job)

    def _end_all(self, by: EndedBy) -> None:
        for number in tuple(self._jobs) if self._thread is not None else ():
            self._end(number, by)

    def _wait_for_jobs(self, is_over: Callable[[], bool]) -> None:
        while self._jobs and self._thread is not None and not is_over():
            self._settle_messages()
            select.select([self._wake_reader], [], [], 0.2)
            self._deliver()

    def _settle_messages(self) -> None:
        """Celery puts off what we tell it to the next turn of its hub, and the hub turns no more."""
        for callback in self._hub._pop_ready() if self._hub is not None and not self._is_cold else ():
            try:
                callback()
            except Exception:  # the edge of a task, as in `tell`
                log.exception("pool.message_not_settled")

    def _shut_down(self) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        try:
            asyncio.run_coroutine_threadsafe(self._service.stop(), self._loop).result(STOP_S)
        except Exception:  # the edge of the process: it ends either way
            log.exception("pool.service_not_stopped")
        self._loop.call_soon_threadsafe(self._loop.stop)
        thread.join(STOP_S)
        self._deliver()
        if self._hub is not None:
            self._hub.remove_reader(self._wake_reader)
        os.close(self._wake_reader)
        os.close(self._wake_writer)
        if not thread.is_alive():
            self._loop.close()

    # On the loop's thread.

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _begin(self, job: Job) -> None:
        job.begun = time.monotonic()
        job.task = self._loop.create_task(job.coroutine(job, *job.args))
        job.task.add_done_callback(lambda task: self._finish(job, task))
        if job.timeout_s:
            job.limit = self._loop.call_later(job.timeout_s, self._overdue, job)
        if job.ended_by:
            _cancel(job)

    def _finish(self, job: Job, task: "asyncio.Task[Outcome]") -> None:
        """Called however the task ended, even if it was cancelled before its first step."""
        job.runtime_s = time.monotonic() - job.begun
        if job.limit is not None:
            job.limit.cancel()
        if not task.cancelled():
            job.outcome = outcome_of(task)
        self._finished.append(job)
        if not self._woken:
            self._woken = True
            os.write(self._wake_writer, b"\0")

    def _overdue(self, job: Job) -> None:
        if not job.ended_by:
            job.ended_by = EndedBy.TIME_LIMIT
            _cancel(job)


def _cancel(job: Job) -> None:
    if job.task is not None and not job.settling:
        job.task.cancel()


def _after(limit_s: float) -> Callable[[], bool]:
    ends_at = time.monotonic() + limit_s
    return lambda: time.monotonic() >= ends_at


async def _refuse(job: Job, *args: Any) -> Outcome:
    return Outcome(ok=False, shown="this pool runs coroutines only")
