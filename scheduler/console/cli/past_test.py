"""What `history` does: look a test up in past runs, here or on a farm, and show each run as one line."""

import argparse

from harness.models.looking_back import TestHistory
from scheduler.console.cli.json_output import as_json
from scheduler.console.cli.settings import settings_with_farm
from scheduler.console.cli.table import in_columns
from scheduler.console.embedded.state_dir import StateDir
from scheduler.reports.history import HEAD, cells, head_lines
from scheduler.reports.json import finite


def tell_history(given: argparse.Namespace) -> None:
    """Print it. NoSuchTest, UsageError, or what a farm refuses."""
    history = _history(given)
    if given.json:
        told = finite(history.model_dump(mode="json")) | {"flaky_rate": history.flaky_rate}
        print(as_json(history=told))
        return
    rows = [cells(entry) for entry in history.entries]
    print("\n".join([*head_lines(history), "", *in_columns(HEAD, rows)]))


def _history(given: argparse.Namespace) -> TestHistory:
    settings = settings_with_farm(given)
    if settings.farm:
        from scheduler.console.cli.farm_client import FarmClient

        with FarmClient(settings.farm, settings.key) as client:
            return client.history(given.test, given.limit)
    from scheduler.console.cli.local_looks import local_history

    return local_history(StateDir(settings.state_dir), given.test, given.limit)
