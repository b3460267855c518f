"""Renders one finished test, and the counts of a run, as lines for the progress stream. Pure; writes nothing.

Whatever a server may have said is made safe and one line high here, behind words of ours, so that it can neither
move the cursor nor speak to a CI system in our name.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from harness.models.outcomes import TestOutcome
from harness.models.run import TestReport
from harness.safe_text import one_line
from scheduler.console.cli.terminal import Look
from scheduler.reports.explain import attempts_text, flaky_text, stderr_lines, why_lines
from scheduler.reports.wording import WORDS, clock, outcome_words, short_id

STYLES = {
    TestOutcome.PASSED: "green",
    TestOutcome.FLAKY: "yellow",
    TestOutcome.FAILED: "red",
    TestOutcome.ERROR: "magenta",
    TestOutcome.TIMEOUT: "yellow",
}
MAX_PLACE = 400
INDENT = " " * 19


def headline(test: TestReport, look: Look) -> str:
    """`  FAIL      0.41s  suite/target/tool/test`."""
    outcome = test.outcome or TestOutcome.NOT_RUN
    return f"  {_painted(f'{WORDS[outcome]:8}', outcome, look)} {clock(test.duration_s):>7}  {short_id(test.test_id)}"


def brief(test: TestReport, look: Look) -> list[str]:
    """The headline, with the reason where there is one."""
    reason = test.reason or flaky_text(test)
    return [headline(test, look) + (f"  {one_line(reason, look.width)}" if reason else "")]


def detail(test: TestReport, look: Look, root: Path | None = None) -> list[str]:
    """The headline, what was expected and found, and the last words of the server. Bounded.

    `root` is the folder that the test's file is relative to, where that is known.
    """
    details = [
        *_place(test, look, root),
        *why_lines(test, look.width - len(INDENT)),
        *(look.paint(line, "dim") for line in stderr_lines(test)),
    ]
    return [headline(test, look), *(INDENT + line for line in details)]


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
    """`suites/checkout.yaml:42`, as an editor or terminal opens it from here, and how often it was tried."""
    parts = (_file(test, root), attempts_text(test))
    text = "   ".join(part for part in parts if part)
    return [look.paint(one_line(text, MAX_PLACE), "dim")] if text else []


def _file(test: TestReport, root: Path | None) -> str:
    if not test.file:
        return ""
    return f"{os.path.relpath(root / test.file) if root else test.file}:{test.line}"
