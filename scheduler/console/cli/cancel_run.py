"""What `cancel` does: ask a farm for the end of a run, or mark a run of the state directory; say what comes of it."""

import argparse

from harness.models.run import RunState, RunView
from harness.safe_text import one_line
from scheduler.console.cli.json_output import as_json
from scheduler.console.cli.settings import ConsoleSettings, settings_with_farm
from scheduler.console.embedded.state_dir import StateDir
from scheduler.reports.wording import amount

MAX_NAME = 200


def cancel_run(given: argparse.Namespace) -> str:
    """Cancel what `given` names; what became of it, as a sentence or as JSON. RunMissing, or what a farm refuses."""
    before = _cancelled(given, settings_with_farm(given))
    if given.json:
        return as_json(run=before.model_dump(mode="json"), cancelled=before.state is RunState.RUNNING)
    return outcome_text(before)


def _cancelled(given: argparse.Namespace, settings: ConsoleSettings) -> RunView:
    """The run as it was before."""
    if settings.farm:
        from scheduler.console.cli.farm_client import FarmClient

        with FarmClient(settings.farm, settings.key) as client:
            before = client.find(given.run)
            client.cancel(before.run_id, given.reason)
            return before
    from scheduler.console.cli.local_runs import cancel_local

    reason = f"cancelled by another command{f': {given.reason}' if given.reason else ''}"
    return cancel_local(StateDir(settings.state_dir), given.run, reason)


def outcome_text(before: RunView) -> str:
    """What is said of a run that was asked to end, by how it stood before."""
    run = f"run {before.run_id}{f' ({one_line(before.name, MAX_NAME)})' if before.name else ''}"
    if before.state is RunState.CLOSED:
        return f"{run} has ended already; nothing to cancel"
    if before.state is RunState.CANCELLING:
        return f"{run} was cancelled before"
    waits = f"; {before.notice}" if before.notice else ""
    return f"{run} is cancelled with {amount(before.open, 'test')} open{waits}"
