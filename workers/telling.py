"""What Celery's request is told of a task of ours that ended."""

import asyncio
from collections.abc import Callable

from celery.exceptions import Reject

from harness.log import get_logger
from workers.jobs import EndedBy, Failure, Job, NotPassed, Outcome

log = get_logger("pool")


def outcome_of(task: "asyncio.Task[Outcome]") -> Outcome:
    """What the coroutine returned; what it raised is a fault of this program, told as a failure."""
    fault = task.exception()
    if fault is None:
        return task.result()
    log.error("pool.task_failed", exc_info=fault)
    return Outcome(ok=False, shown=f"{type(fault).__name__}: {fault}")


def tell(job: Job) -> None:
    """Call back the request; what was handed back returns to its queue at once."""
    _safely(_tell, job)
    if job.outcome is None and job.ended_by is EndedBy.HANDED_BACK:
        _safely(_return, job)


def tell_in_cold_shutdown(job: Job) -> None:
    """The same, but what was handed back stays unsettled: Celery returns all of that at its end."""
    _safely(_tell, job)


def _safely(say: Callable[[Job], None], job: Job) -> None:
    try:
        say(job)
    except Exception:  # the edge of a task: one broken request must not end the worker
        log.exception("pool.result_not_told")


def _tell(job: Job) -> None:
    """Celery itself has settled what was revoked."""
    if job.ended_by is EndedBy.REVOKED:
        return
    if job.outcome is not None:
        retval = job.outcome.shown if job.outcome.ok else Failure(NotPassed(job.outcome.shown))
        job.on_result((not job.outcome.ok, retval, job.runtime_s))
    elif job.ended_by is EndedBy.TIME_LIMIT:
        job.on_timeout(False, job.timeout_s or 0.0)


def _return(job: Job) -> None:
    job.on_result((True, Failure(Reject("handed back", requeue=True)), job.runtime_s))
