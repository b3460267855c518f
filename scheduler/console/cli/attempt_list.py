"""What `attempts` does: look one test of a run up, here or on a farm, and show every attempt of it as one line."""

import argparse
from collections.abc import Iterator
from datetime import UTC

from harness.models.attempt import AttemptRecord
from harness.models.run import AttemptReport, TestReport
from harness.safe_text import one_line
from scheduler.console.cli.json_output import as_json
from scheduler.console.cli.settings import read_settings
from scheduler.console.cli.table import in_columns
from scheduler.console.embedded.state_dir import StateDir
from scheduler.reports.wording import MAX_TEXT, amount, clock, outcome_words, short_id

HEAD = ("lease", "worker", "started (UTC)", "seconds", "outcome", "cause", "request", "session", "flags", "why")
MAX_CELL, MAX_PLACE = 60, 400


def show_attempts(given: argparse.Namespace) -> None:
    """Print the history of the test that `given` names. RunMissing, NoSuchTest, UsageError, or what a farm refuses."""
    test = _test(given)
    if given.json:
        print(as_json(test=test.model_dump(mode="json")))
    else:
        print("\n".join(history_lines(test)))


def history_lines(test: TestReport) -> Iterator[str]:
    """What the test is and became, then one line per attempt, in the order of leases; safe to print. Pure."""
    place = f"   {one_line(test.file, MAX_PLACE)}:{test.line}" if test.file else ""
    yield f"{short_id(test.test_id)}   number {test.number}{place}"
    reason = f": {one_line(test.reason, MAX_TEXT)}" if test.reason else ""
    became = outcome_words(test.outcome) if test.outcome else "open"
    yield f"{became} after {amount(len(test.attempts), 'attempt')}{reason}"
    if test.attempts:
        yield from in_columns(HEAD, [_cells(attempt) for attempt in test.attempts])


def _test(given: argparse.Namespace) -> TestReport:
    settings = read_settings()
    url = given.farm or settings.farm
    if url:
        from scheduler.console.cli.farm_client import FarmClient

        with FarmClient(url, given.key or settings.key) as client:
            return client.test(client.find(given.run).run_id, given.test)
    from scheduler.console.cli.local_looks import local_test

    return local_test(StateDir(settings.state_dir), given.run, given.test)


def _cells(attempt: AttemptReport) -> tuple[str, ...]:
    record = attempt.record
    return (
        str(record.lease),
        one_line(record.worker, MAX_CELL) or "-",
        f"{record.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        clock(record.duration_s),
        record.outcome.value if record.outcome else "passed over",
        record.cause.kind.value if record.cause else "-",
        "written" if record.request_written else "-",
        _session(record),
        " ".join(_flags(attempt)) or "-",
        _why(record),
    )


def _session(record: AttemptRecord) -> str:
    """The session and the place of the call in it: `4f1c22 #3` was the fourth."""
    session = record.session
    return f"{one_line(session.session_id, MAX_CELL)} #{session.position}" if session else "-"


def _flags(attempt: AttemptReport) -> Iterator[str]:
    if attempt.stale:
        yield "stale"
    if attempt.superseded:
        yield "superseded"


def _why(record: AttemptRecord) -> str:
    """The first check that did not hold, else what its cause says."""
    if record.failures:
        return one_line(str(record.failures[0]), MAX_TEXT)
    return one_line(record.cause.message, MAX_TEXT) if record.cause else ""
