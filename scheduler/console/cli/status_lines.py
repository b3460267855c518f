"""How a run stands, as lines for people. Pure; what others wrote is made safe and one line high."""

from collections.abc import Iterator

from harness.models.outcomes import BAD
from harness.models.run import FailedTest, OpenTests, RunState, RunStatus, SuiteStatus
from harness.safe_text import one_line
from scheduler.console.cli.run_list import tests_text
from scheduler.console.cli.table import in_columns
from scheduler.reports.wording import MAX_TEXT, WORDS, amount, clock, short_id

MAX_NAME, MAX_CELL, MAX_NOTICE = 200, 60, 500
STATES = {
    "ready": "ready",
    "blocked": "behind another test of their group",
    "retry_wait": "waiting for retry",
    "published": "published",
    "started": "started",
}
"""How open tests are called, in the order in which they are told."""


def status_lines(status: RunStatus) -> Iterator[str]:
    """The run, its counts, its newest failures, then a line per suite: those that still go on, or failed, first."""
    yield _head(status)
    if status.run.current_notice:
        yield f"  waiting: {one_line(status.run.current_notice, MAX_NOTICE)}"
    yield f"  {_totals(status)}"
    if status.run.open:
        yield f"  open: {open_text(status.open)}"
    yield f"  {_pace(status)}"
    if status.newest_failures:
        yield "newest failures"
        yield from map(_failure, status.newest_failures)
    yield from _suites(status)


def open_text(tests: OpenTests) -> str:
    """`3 ready, 2 started`: where open tests stand."""
    counts = tests.model_dump()
    return ", ".join(f"{counts[state]:,} {words}" for state, words in STATES.items() if counts[state]) or "none"


def _head(status: RunStatus) -> str:
    run = status.run
    name = f" ({one_line(run.name, MAX_NAME)})" if run.name else ""
    state = run.state.value if run.exit_code is None else f"{run.state.value} with exit code {run.exit_code}"
    return f"run {run.run_id}{name}: {state}, lane {run.lane}, project {one_line(run.project, MAX_CELL)}"


def _totals(status: RunStatus) -> str:
    run = status.run
    done = run.total - run.open
    share = f" ({100 * done // run.total}%)" if run.total else ""
    return f"{done:,} of {amount(run.total, 'test')}{share}: {tests_text(run.totals, run.open)}"


def _pace(status: RunStatus) -> str:
    run = status.run
    parts = [f"{status.rate:g} tests/s", _age(status), f"retries used: {run.retries:,}"]
    if run.stale_records:
        parts.append(amount(run.stale_records, "stale record"))
    return "   ".join(parts)


def _age(status: RunStatus) -> str:
    run = status.run
    end = run.finished_at if run.state is RunState.CLOSED and run.finished_at else status.at
    age = clock((end - run.created_at).total_seconds())
    if run.state is RunState.CLOSED:
        return f"took {age}"
    if run.deadline_at is None:
        return f"age {age}"
    left_s = (run.deadline_at - status.at).total_seconds()
    return f"age {age}   " + (f"deadline in {clock(left_s)}" if left_s > 0 else "past its deadline")


def _failure(test: FailedTest) -> str:
    reason = f"  {one_line(test.reason, MAX_TEXT)}" if test.reason else ""
    return f"  {WORDS[test.outcome]:8} {clock(test.duration_s):>7}  {short_id(test.test_id)}{reason}"


def _suites(status: RunStatus) -> Iterator[str]:
    ordered = sorted(status.suites, key=_urgency)
    rows = [
        (one_line(suite.suite, MAX_CELL), one_line(suite.target, MAX_CELL), tests_text(suite.totals, suite.open))
        for suite in ordered
    ]
    yield from in_columns(("suite", "target", "tests"), rows) if rows else ()
    if status.suites_left_out:
        yield f"and {amount(status.suites_left_out, 'suite')} more"


def _urgency(suite: SuiteStatus) -> int:
    return 0 if suite.open else 1 if any(suite.totals.get(bad) for bad in BAD) else 2
