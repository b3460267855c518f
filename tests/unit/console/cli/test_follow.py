"""Following a run to its end."""

import io

import pytest

from harness.models.run import RunEvent, RunningTests, RunReport
from scheduler.console.cli.follow import Patience, follow
from scheduler.console.cli.interrupts import Interrupts
from scheduler.console.cli.progress import Progress
from scheduler.console.cli.telling import Verbosity
from scheduler.console.cli.terminal import Look
from scheduler.reports.levels import Level
from scheduler.reports.usual import Usual
from tests.unit.console.cli.reports import event, finished, noticed
from tests.unit.console.cli.test_progress import Clock


class ScriptedRun:
    """A run whose events come in turns; each turn takes a second."""

    run_id = "r"

    def __init__(self, clock: Clock, *turns: tuple[RunEvent, ...], ends_when_cancelled: bool = True) -> None:
        self.clock, self.turns, self.ends_when_cancelled = clock, list(turns), ends_when_cancelled
        self.told: list[str] = []

    def wait(self, timeout_s: float) -> tuple[RunEvent, ...]:
        self.clock.now_s += 1
        if self.turns:
            return self.turns.pop(0)
        return (event(99),) if self.told and self.ends_when_cancelled else ()

    def cancel(self, reason: str) -> None:
        self.told.append(f"cancel: {reason}")

    def give_up(self) -> None:
        self.told.append("give up")

    def report(self) -> RunReport:
        raise AssertionError("not asked for here")

    def running(self) -> RunningTests:
        return RunningTests()

    def usual(self) -> Usual:
        return Usual()


@pytest.fixture
def clock() -> Clock:
    return Clock()


FOREVER = Patience()


def watch(run: ScriptedRun, clock: Clock, patience: Patience = FOREVER, interrupts: Interrupts | None = None) -> str:
    stream = io.StringIO()
    progress = Progress(stream, Look(), Verbosity(Level.PASS), now=clock)
    follow(run, progress, interrupts or Interrupts(), patience, now=clock)
    return stream.getvalue()


def test_events_are_shown_until_the_run_is_finished(clock: Clock) -> None:
    run = ScriptedRun(clock, (event(1, finished()),), (), (event(2, finished(number=1)), event(3)))

    assert watch(run, clock).count("PASS") == 2
    assert run.told == []


def test_a_notice_is_told_once_and_so_is_its_end(clock: Clock) -> None:
    alone = noticed(0, "no worker of pool 'default' has been alive since 02:00:00 UTC")
    run = ScriptedRun(clock, (alone,), (alone, event(1, finished())), (noticed(1, ""), noticed(1, "")), (event(2),))

    said = watch(run, clock)
    assert said.count("waiting: no worker of pool 'default' has been alive since 02:00:00 UTC") == 1
    assert said.count("the run goes on") == 1


def test_an_interrupt_cancels_once_and_waits_for_the_end(clock: Clock) -> None:
    run = ScriptedRun(clock, (), ())
    interrupts = Interrupts()
    interrupts._handle(2, None)

    assert "stopping: interrupted by SIGINT" in watch(run, clock, interrupts=interrupts)
    assert run.told == ["cancel: interrupted by SIGINT"]


def test_a_run_that_does_not_end_after_its_cancellation_is_given_up(clock: Clock) -> None:
    run = ScriptedRun(clock, ends_when_cancelled=False)
    interrupts = Interrupts()
    interrupts._handle(15, None)

    watch(run, clock, Patience(cancel_s=5), interrupts)
    assert run.told == ["cancel: interrupted by SIGTERM", "give up"]
    assert interrupts.exit_code == 143


def test_a_run_over_its_time_limit_is_cancelled(clock: Clock) -> None:
    run = ScriptedRun(clock)

    watch(run, clock, Patience(run_s=10))
    assert run.told == ["cancel: the run's time limit of 10s is over"]
