"""What `runs` does: look runs up, in the state directory or on a farm, and show each as one line."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from harness.models.outcomes import TestOutcome
from harness.models.run import RunView
from harness.safe_text import one_line
from scheduler.console.cli.json_output import as_json
from scheduler.console.cli.settings import read_settings
from scheduler.console.cli.table import in_columns
from scheduler.console.embedded.state_dir import StateDir
from scheduler.reports.wording import WORDS, outcome_words

HEAD = ("run", "state", "tests", "age", "lane", "project", "name", "notice")
MAX_CELL, MAX_NOTICE = 60, 500


def show_runs(given: argparse.Namespace) -> None:
    """Print the newest runs, as a table or as one JSON object."""
    views = _runs(given)
    if given.json:
        runs = [view.model_dump(mode="json") for view in views]
        print(as_json(runs=runs))
    elif views:
        print("\n".join(run_lines(views, datetime.now(UTC))))
    else:
        print("no runs", file=sys.stderr)


def run_lines(views: Sequence[RunView], now: datetime) -> Iterator[str]:
    """A head and one line per run, in columns; safe to print. Pure."""
    return in_columns(HEAD, [_cells(view, now) for view in views])


def age(seconds: float) -> str:
    """`41s`, `12m`, `5h`, `3d`: the largest unit that fits, rounded down."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{int(max(0.0, seconds))}s"


def tests_text(totals: Mapping[TestOutcome, int], still_open: int) -> str:
    """`10 passed, 2 failed, 8 open`: what sums to the total."""
    shown = [f"{totals[outcome]:,} {outcome_words(outcome)}" for outcome in WORDS if totals.get(outcome)]
    return ", ".join(shown + ([f"{still_open:,} open"] if still_open or not shown else []))


def _runs(given: argparse.Namespace) -> Sequence[RunView]:
    settings = read_settings()
    url = given.farm or settings.farm
    if url:
        from scheduler.console.cli.farm_client import FarmClient

        with FarmClient(url, given.key or settings.key) as client:
            return client.runs(given.limit)
    state = StateDir(settings.state_dir)
    if not state.database.is_file():
        return ()
    from scheduler.console.cli.local_runs import local_runs

    return local_runs(state, given.limit)


def _cells(view: RunView, now: datetime) -> tuple[str, ...]:
    return (
        view.run_id,
        view.state.value,
        tests_text(view.totals, view.open),
        age((now - view.created_at).total_seconds()),
        view.lane.value,
        one_line(view.project, MAX_CELL),
        one_line(view.name, MAX_CELL),
        one_line(view.current_notice, MAX_NOTICE),
    )
