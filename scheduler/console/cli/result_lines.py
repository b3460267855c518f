"""Renders one finished test, and the counts of a run, as lines for the progress stream. Pure; writes nothing.

Whatever a server may have said is made safe and one line high here, behind words of ours, so that it can neither
move the cursor nor speak to a CI system in our name.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from harness.models.attempt import AttemptRecord, CheckFailure
from harness.models.outcomes import TestOutcome
from harness.models.run import TestReport
from harness.safe_text import one_line
from scheduler.console.cli.terminal import Look

WORDS: dict[TestOutcome, tuple[str, str]] = {
    TestOutcome.PASSED: ("PASS", "green"),
    TestOutcome.FLAKY: ("FLAKY", "yellow"),
    TestOutcome.FAILED: ("FAIL", "red"),
    TestOutcome.ERROR: ("ERROR", "magenta"),
    TestOutcome.TIMEOUT: ("TIMEOUT", "yellow"),
    TestOutcome.SKIPPED: ("SKIP", "dim"),
    TestOutcome.CANCELLED: ("CANCEL", "dim"),
    TestOutcome.NOT_RUN: ("NOTRUN", "dim"),
}
BAD = frozenset({TestOutcome.FAILED, TestOutcome.ERROR, TestOutcome.TIMEOUT})
MAX_CHECKS, MAX_STDERR_LINES, MAX_ONE_LINE = 5, 4, 60
INDENT = " " * 19


def headline(test: TestReport, look: Look) -> str:
    """`  FAIL      0.41s  suite/target/tool/test`."""
    word, style = WORDS[test.outcome or TestOutcome.NOT_RUN]
    return f"  {look.paint(f'{word:8}', style)} {clock(test.duration_s):>7}  {short_id(test.test_id)}"


def brief(test: TestReport, look: Look) -> list[str]:
    """The headline, with the reason where there is one."""
    reason = f"  {one_line(test.reason, look.width)}" if test.reason else ""
    return [headline(test, look) + reason]


def detail(test: TestReport, look: Look, root: Path | None = None) -> list[str]:
    """The headline, what was expected and found, and the last words of the server. Bounded.

    `root` is the folder that the test's file is relative to, where that is known.
    """
    record = deciding_record(test)
    lines = [headline(test, look), *_place(test, look, root)]
    failures = record.failures if record else ()
    for failure in failures[:MAX_CHECKS]:
        lines += _failure_lines(failure, look)
    if len(failures) > MAX_CHECKS:
        lines.append(f"{INDENT}and {len(failures) - MAX_CHECKS} more checks")
    if not failures and test.reason:
        lines.append(INDENT + one_line(test.reason, 4 * look.width))
    return lines + _stderr_lines(record, look)


def deciding_record(test: TestReport) -> AttemptRecord | None:
    """The record of the last attempt that counts."""
    counting = [attempt.record for attempt in test.attempts if not (attempt.stale or attempt.superseded)]
    return counting[-1] if counting else None


def short_id(test_id: str) -> str:
    """A test's id without the project that a laptop has. `--test` takes it as it is."""
    return one_line(test_id.removeprefix("default/"), 400)


def clock(duration_s: float) -> str:
    """`0.41s`, `41.8s`, `1m46s`, `2h03m`."""
    if duration_s < 10:
        return f"{duration_s:.2f}s"
    if duration_s < 60:
        return f"{duration_s:.1f}s"
    minutes, rest = divmod(int(duration_s), 60)
    return f"{minutes}m{rest:02}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"


def counts(totals: Mapping[TestOutcome, int], look: Look) -> str:
    """`30 passed  1 failed`: outcomes that occurred, in the order of WORDS."""
    return "  ".join(
        look.paint(f"{totals[outcome]} {outcome}", style)
        for outcome, (_, style) in WORDS.items()
        if totals.get(outcome)
    )


def _place(test: TestReport, look: Look, root: Path | None) -> list[str]:
    """`suites/checkout.yaml:42`, as an editor or terminal opens it from here."""
    if not test.file:
        return []
    file = os.path.relpath(root / test.file) if root else test.file
    return [INDENT + look.paint(one_line(f"{file}:{test.line}", 400), "dim")]


def _failure_lines(failure: CheckFailure, look: Look) -> list[str]:
    where = f"{failure.check} at {failure.path}" if failure.path else failure.check
    where, expected, actual = (one_line(text, 400) for text in (where, failure.expected, failure.actual))
    if max(len(expected), len(actual)) <= MAX_ONE_LINE:
        return [f"{INDENT}{where}: expected {expected}, got {actual}"]
    return [f"{INDENT}{where}", f"{INDENT}  expected  {expected}", f"{INDENT}  got       {actual}"]


def _stderr_lines(record: AttemptRecord | None, look: Look) -> list[str]:
    lines = record.stderr_tail.splitlines()[-MAX_STDERR_LINES:] if record else []
    return [INDENT + look.paint(f"stderr | {one_line(line, 200)}", "dim") for line in lines if line.strip()]
