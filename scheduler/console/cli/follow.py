"""Follows one run to its end, wherever it runs: shows its events, cancels it when asked, gives up when it hangs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from harness.models.run import EventKind, RunEvent, RunningTests, RunReport
from scheduler.console.cli.interrupts import Interrupts
from scheduler.console.cli.progress import Progress
from scheduler.reports.usual import Usual

WAIT_S = 0.1
CANCEL_GRACE_S = 20.0
"""How long a cancelled run may take to end: the tests in flight are ended, their sessions closed, records stored."""


class FollowedRun(Protocol):
    """A run that goes on: in this process, or on a farm."""

    @property
    def run_id(self) -> str:
        """The run's id."""

    def wait(self, timeout_s: float) -> tuple[RunEvent, ...]:
        """The next events in order, waiting up to `timeout_s` for the first."""

    def cancel(self, reason: str) -> None:
        """Ask for the run's end; it still reports what it has."""

    def give_up(self) -> None:
        """Called when a cancelled run does not end: let go of it, so that `report` is the best to be had."""

    def report(self) -> RunReport:
        """All that is known now."""

    def running(self) -> RunningTests:
        """What workers run of it, as far as that is known. Returns at once."""

    def usual(self) -> Usual:
        """What its tests took in earlier runs, as far as that is known."""


@dataclass(frozen=True)
class Patience:
    """Limits of following, in seconds. `run_s` None: a run may take as long as its tests do."""

    run_s: float | None = None
    cancel_s: float = CANCEL_GRACE_S


def follow(
    run: FollowedRun,
    progress: Progress,
    interrupts: Interrupts,
    patience: Patience,
    is_snapshot_asked: Callable[[], bool] = lambda: False,
    now: Callable[[], float] = time.monotonic,
) -> None:
    """Return when the run is finished, or was given up."""
    began = now()
    cancelled_at: float | None = None
    while not _show(run.wait(WAIT_S), progress):
        progress.tick(run.running)
        if is_snapshot_asked():
            progress.snapshot(run.running)
        if cancelled_at is None:
            reason = _reason_to_cancel(interrupts, now() - began, patience)
            if reason:
                progress.say(f"stopping: {reason}; ending the tests in flight. Ctrl-C: leave at once")
                run.cancel(reason)
                cancelled_at = now()
        elif now() - cancelled_at > patience.cancel_s:
            progress.say(f"the run did not end within {patience.cancel_s:g}s of its cancellation: giving it up")
            run.give_up()
            return


def _show(events: tuple[RunEvent, ...], progress: Progress) -> bool:
    """Show `events`; true when the run is finished."""
    for event in events:
        if event.test is not None:
            progress.finished(event.test)
        if event.kind is EventKind.RUN_NOTICE and event.run is not None:
            progress.notice(event.run.current_notice)
    return any(event.kind is EventKind.RUN_FINISHED for event in events)


def _reason_to_cancel(interrupts: Interrupts, elapsed_s: float, patience: Patience) -> str:
    if interrupts.received is not None:
        return f"interrupted by {interrupts.received.name}"
    if patience.run_s is not None and elapsed_s > patience.run_s:
        return f"the run's time limit of {patience.run_s:g}s is over"
    return ""
