"""What the store can be asked: runs, reports, events. Reads only."""

from collections.abc import Sequence

from sqlmodel import Session

from harness.models.run import RunEvent, RunReport, RunView


def run_view(session: Session, run_id: str) -> RunView:
    """A run in brief. Raises RunMissing."""
    raise NotImplementedError


def run_report(session: Session, run_id: str) -> RunReport:
    """A run in full, tests by number. Raises RunMissing."""
    raise NotImplementedError


def events_after(session: Session, run_id: str, seq: int, limit: int = 500) -> list[RunEvent]:
    """Events with a number above `seq`, in order; the last one of a run is `run.finished`. Raises RunMissing."""
    raise NotImplementedError


def latest_runs(session: Session, limit: int = 20, *, project: str | None = None) -> list[RunView]:
    """The newest runs first."""
    raise NotImplementedError


def find_run(session: Session, name: str) -> str:
    """The id of the run that `name` means: `last`, an id, or the beginning of one. Raises RunMissing."""
    raise NotImplementedError


def open_runs(session: Session) -> Sequence[str]:
    """Ids of runs that are not closed, oldest first."""
    raise NotImplementedError
