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
from scheduler.reports.attempts import deciding_record
from scheduler.reports.wording import WORDS, clock, failure_line, failure_title, outcome_words, short_id

STYLES = {
    TestOutcome.PASSED: "green",
    TestOutcome.FLAKY: "yellow",
    TestOutcome.FAILED: "red",
    TestOutcome.ERROR: "magenta",
    TestOutcome.TIMEOUT: "yellow",
}
MAX_CHECKS, MAX_STDERR_LINES, MAX_ONE_LINE, MAX_VALUE = 5, 4, 60, 400
INDENT = " " * 19


def headline(test: TestReport, look: Look) -> str:
    """`  FAIL      0.41s  suite/target/tool/test`."""
    outcome = test.outcome or TestOutcome.NOT_RUN
    return f"  {_painted(f'{WORDS[outcome]:8}', outcome, look)} {clock(test.duration_s):>7}  {short_id(test.test_id)}"


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
        lines += _failure_lines(failure)
    if len(failures) > MAX_CHECKS:
        lines.append(f"{INDENT}and {len(failures) - MAX_CHECKS} more checks")
    if not failures and test.reason:
        lines.append(INDENT + one_line(test.reason, 4 * look.width))
    return lines + _stderr_lines(record, look)


def counts(totals: Mapping[TestOutcome, int], look: Look) -> str:
    """`30 passed  1 failed`: outcomes that occurred, in the order of WORDS."""
    return "  ".join(
        _painted(f"{totals[outcome]} {outcome_words(outcome)}", outcome, look)
        for outcome in WORDS
        if totals.get(outcome)
    )


def _painted(text: str, outcome: TestOutcome, look: Look) -> str:
    return look.paint(text, STYLES.get(outcome, "dim"))


def _place(test: TestReport, look: Look, root: Path | None) -> list[str]:
    """`suites/checkout.yaml:42`, as an editor or terminal opens it from here."""
    if not test.file:
        return []
    file = os.path.relpath(root / test.file) if root else test.file
    return [INDENT + look.paint(one_line(f"{file}:{test.line}", MAX_VALUE), "dim")]


def _failure_lines(failure: CheckFailure) -> list[str]:
    if max(len(failure.expected), len(failure.actual)) <= MAX_ONE_LINE:
        return [INDENT + failure_line(failure)]
    expected, actual = one_line(failure.expected, MAX_VALUE), one_line(failure.actual, MAX_VALUE)
    return [INDENT + failure_title(failure), f"{INDENT}  expected  {expected}", f"{INDENT}  got       {actual}"]


def _stderr_lines(record: AttemptRecord | None, look: Look) -> list[str]:
    lines = record.stderr_tail.splitlines()[-MAX_STDERR_LINES:] if record else []
    return [INDENT + look.paint(f"stderr | {one_line(line, 200)}", "dim") for line in lines if line.strip()]
