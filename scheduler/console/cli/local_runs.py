"""Owns what commands do with the runs of the state directory from outside: look at them, and mark one as cancelled.

Nothing is created here: where there is no database, there are no runs.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from harness.errors import UsageError
from harness.models.run import RunState, RunView
from scheduler.console.embedded.state_dir import StateDir
from scheduler.control.cancel import mark_cancelled
from scheduler.store.database import Store, open_store
from scheduler.store.queries import find_run, latest_runs, open_runs, run_view

KILLED = "the command that ran it was killed; the next run in this state directory closes it"


@contextmanager
def local_store(state: StateDir) -> Iterator[Store]:
    """The store of a state directory. UsageError where there is none."""
    if not state.database.is_file():
        raise UsageError(f"no runs in {state.root}; run something, or set MCPF_STATE_DIR")
    with open_store(f"sqlite:///{state.database.absolute()}") as store:
        yield store


def local_runs(state: StateDir, limit: int) -> tuple[RunView, ...]:
    """The newest runs, the newest first; those whose command was killed say so."""
    with local_store(state) as store, store.session() as session:
        killed = _killed(session, state)
        views = latest_runs(session, limit)
    return tuple(_with_notice(view) if view.run_id in killed else view for view in views)


def cancel_local(state: StateDir, name: str, reason: str) -> RunView:
    """Mark a run as cancelled, for the command that runs it to carry out; the run as it was before. RunMissing."""
    with local_store(state) as store:
        with store.session() as session:
            view = run_view(session, find_run(session, name))
            killed = _killed(session, state)
        mark_cancelled(store, view.run_id, reason)
    return _with_notice(view) if view.run_id in killed else view


def with_its_command(session: Session, state: StateDir, view: RunView) -> RunView:
    """The run as it is; one whose command was killed says so."""
    is_killed = view.state is not RunState.CLOSED and view.run_id in _killed(session, state)
    return _with_notice(view) if is_killed else view


def _killed(session: Session, state: StateDir) -> frozenset[str]:
    return frozenset(run_id for pool in state.dead_pools() for run_id in open_runs(session, pool))


def _with_notice(view: RunView) -> RunView:
    return view.model_copy(update={"notice": KILLED})
