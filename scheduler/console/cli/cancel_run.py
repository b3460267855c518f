"""What `cancel` does: ask a farm for the end of a run, or mark a run of the state directory; say what comes of it."""

import argparse

from harness.models.run import RunState, RunView
from harness.safe_text import one_line
from scheduler.console.cli.settings import read_settings
from scheduler.console.embedded.state_dir import StateDir
from scheduler.reports.wording import amount

MAX_NAME = 200


def cancel_run(given: argparse.Namespace) -> str:
    """Cancel what `given` names; one sentence on what became of it. RunMissing, UsageError, or what a farm refuses."""
    settings = read_settings()
    url = given.farm or settings.farm
    if url:
        return _cancel_there(url, given.key or settings.key, given)
    from scheduler.console.cli.local_runs import cancel_local

    reason = f"cancelled by another command{f': {given.reason}' if given.reason else ''}"
    return outcome_text(cancel_local(StateDir(settings.state_dir), given.run, reason))


def outcome_text(before: RunView) -> str:
    """What is said of a run that was asked to end, by how it stood before."""
    run = f"run {before.run_id}{f' ({one_line(before.name, MAX_NAME)})' if before.name else ''}"
    if before.state is RunState.CLOSED:
        return f"{run} has ended already; nothing to cancel"
    if before.state is RunState.CANCELLING:
        return f"{run} was cancelled before"
    waits = f"; {before.notice}" if before.notice else ""
    return f"{run} is cancelled with {amount(before.open, 'test')} open{waits}"


def _cancel_there(url: str, key: str, given: argparse.Namespace) -> str:
    from scheduler.console.cli.farm_client import FarmClient

    with FarmClient(url, key) as client:
        before = client.find(given.run)
        client.cancel(before.run_id, given.reason)
    return outcome_text(before)
