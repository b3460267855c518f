"""What `run --json` prints: one JSON object a line for everything that happens, on stdout, as it happens.

`{"v": 1, "type": …}` with the types run.started, test.finished, run.notice, cause.new, cause.still and, as the last
line, run.finished. An error is an object of its own (`json_output.error_json`). Readers pass over types that they do
not know.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from harness.models.run import EventKind, RunEvent, RunningTests, RunReport
from scheduler.console.cli.follow import FollowedRun
from scheduler.console.cli.json_output import as_line
from scheduler.reports.json import finite, report_members
from scheduler.reports.usual import Usual


class ToldRun:
    """A FollowedRun that writes down what it brings before anybody else sees it."""

    def __init__(self, run: FollowedRun, stream: TextIO) -> None:
        self._run, self._stream = run, stream

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self._run.run_id

    def wait(self, timeout_s: float) -> tuple[RunEvent, ...]:
        """The next events, told."""
        events = self._run.wait(timeout_s)
        lines = [line for event in events if (line := event_line(event))]
        if lines:
            self._stream.write("".join(f"{line}\n" for line in lines))
            self._stream.flush()
        return events

    def cancel(self, reason: str) -> None:
        """Ask for the run's end."""
        self._run.cancel(reason)

    def give_up(self) -> None:
        """Let go of the run."""
        self._run.give_up()

    def report(self) -> RunReport:
        """All that is known now."""
        return self._run.report()

    def running(self) -> RunningTests:
        """What workers run of it."""
        return self._run.running()

    def usual(self) -> Usual:
        """What its tests took before."""
        return self._run.usual()


def started_line(run_id: str, name: str, tests: int, servers: int) -> str:
    """The first line."""
    return as_line(type="run.started", run={"run_id": run_id, "name": name, "tests": tests, "servers": servers})


def event_line(event: RunEvent) -> str:
    """An event as a line; empty for the run's end, which is told when its reports are written."""
    if event.kind is EventKind.TEST_FINISHED and event.test is not None:
        return as_line(type=event.kind, seq=event.seq, test=finite(event.test.model_dump(mode="json")))
    if event.kind is EventKind.RUN_NOTICE and event.run is not None:
        return as_line(type=event.kind, seq=event.seq, notice=event.run.current_notice)
    return ""


def last_lines(
    report: RunReport, exit_code: int, paths: Sequence[Path], snapshots: Sequence[Path] = ()
) -> tuple[str, ...]:
    """The causes, and the run's end with the files that were written."""
    members = report_members(report)
    causes = [as_line(type=f"cause.{cause['state']}", cause=cause) for cause in members["causes"]]
    end = as_line(
        type=EventKind.RUN_FINISHED,
        run=members["run"],
        comparison=members["comparison"],
        exit_code=exit_code,
        reports=[str(path) for path in paths],
        snapshots=[str(path) for path in snapshots],
    )
    return (*causes, end)
