"""What `compare` does: find two runs, here, on a farm or in files, and show what is different."""

import argparse

from harness.models.looking_back import RunDifference
from scheduler.console.cli.json_output import as_json
from scheduler.console.cli.past_report import find_report, report_path
from scheduler.console.cli.settings import ConsoleSettings, settings_with_farm
from scheduler.reports.compare import compare
from scheduler.reports.compare_text import difference_lines
from scheduler.reports.json import finite
from scheduler.reports.verdict import ExitCode


def tell_difference(given: argparse.Namespace) -> int:
    """Print it. RunMissing, UsageError, or what a farm refuses."""
    difference = _difference(given.before, given.after, settings_with_farm(given))
    if given.json:
        print(as_json(difference=finite(difference.model_dump(mode="json"))))
    else:
        print("\n".join(difference_lines(difference)))
    return ExitCode.FAILED if difference.is_worse else ExitCode.PASSED


def _difference(before: str, after: str, settings: ConsoleSettings) -> RunDifference:
    if not settings.farm or report_path(before) or report_path(after):
        return compare(find_report(before, settings), find_report(after, settings))
    from scheduler.console.cli.farm_client import FarmClient

    with FarmClient(settings.farm, settings.key) as client:
        return client.difference(client.find(before).run_id, client.find(after).run_id)
