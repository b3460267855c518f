"""What `workers` does: look the workers of a farm up, here or over its API, and show each as one line."""

import argparse
import sys
from collections.abc import Iterator, Sequence

from harness.models.run import HeldTest, WorkerView
from harness.safe_text import one_line
from scheduler.console.cli.json_output import as_json
from scheduler.console.cli.run_list import age
from scheduler.console.cli.settings import read_settings
from scheduler.console.cli.table import in_columns
from scheduler.console.embedded.state_dir import StateDir
from scheduler.reports.wording import short_id

HEAD = ("worker", "state", "pool", "host", "pid", "version", "slots", "holds", "at gate", "heard", "tests")
MAX_CELL, MAX_SHOWN = 60, 3
NO_FARM = "no farm in this state directory; workers of a running command are its own"


def show_workers(given: argparse.Namespace) -> None:
    """Print the workers, as a table or as one JSON object. No farm here is no error: it is said, on stderr."""
    workers = _workers(given)
    if given.json:
        shown = [worker.model_dump(mode="json") for worker in workers or ()]
        print(as_json(workers=shown))
    if workers is None:
        print(NO_FARM, file=sys.stderr)
    elif not given.json:
        print("\n".join(worker_lines(workers)) if workers else "no workers")


def worker_lines(workers: Sequence[WorkerView]) -> Iterator[str]:
    """A head and one line per worker, in columns; safe to print. Pure."""
    return in_columns(HEAD, [_cells(worker) for worker in workers])


def _workers(given: argparse.Namespace) -> Sequence[WorkerView] | None:
    settings = read_settings()
    url = given.farm or settings.farm
    if url:
        from scheduler.console.cli.farm_client import FarmClient

        with FarmClient(url, given.key or settings.key) as client:
            return client.workers()
    from scheduler.console.cli.local_looks import farm_workers

    return farm_workers(StateDir(settings.state_dir))


def _cells(worker: WorkerView) -> tuple[str, ...]:
    said = (worker.name, "live" if worker.live else "silent", worker.pool, worker.host)
    return (
        *(one_line(text, MAX_CELL) for text in said),
        "" if worker.pid is None else str(worker.pid),
        one_line(worker.version, MAX_CELL),
        str(worker.slots),
        str(worker.holds),
        str(worker.at_gate),
        f"{age(worker.heard_s)} ago",
        _tests(worker),
    )


def _tests(worker: WorkerView) -> str:
    """The first few tests that it holds; `… and 5 more` counts those, too, that the key may not see."""
    shown = [_name(test) for test in worker.tests[:MAX_SHOWN]]
    more = worker.holds - len(shown)
    return ", ".join(shown) + (f" and {more} more" if shown and more else "")


def _name(test: HeldTest) -> str:
    return short_id(test.test_id) if test.test_id else f"test {test.number} of run {one_line(test.run_id, MAX_CELL)}"
