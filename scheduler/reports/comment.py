"""The comment on a pull request, as Markdown. Pure; posting it is the workflow's business.

Its first line marks it, so that a workflow finds the one to update: GitHub refuses more than 65,536 characters.
"""

import re

from harness.models.run import RunReport
from scheduler.reports.causes import causes_of
from scheduler.reports.markdown import Depth, within
from scheduler.reports.markdown_parts import SYMBOLS, CauseDetail, headline_text
from scheduler.reports.markdown_text import code
from scheduler.reports.verdict import Verdict, verdict

MAX_COMMENT = 60_000
LADDER = (
    Depth(5, CauseDetail(names=5, checks=5)),
    Depth(5, CauseDetail(names=0, checks=2)),
    Depth(5, CauseDetail(names=0, checks=0)),
    Depth(0, CauseDetail(), extras=False),
)
_NOT_IN_A_MARK = re.compile(r"[^A-Za-z0-9_.]+")


def render_comment(report: RunReport) -> str:
    """The comment, at most 60,000 characters (bytes, even)."""
    foot = f"run {code(report.run.run_id)} of {report.run.created_at:%Y-%m-%d %H:%M} UTC"
    mark = f"<!-- mcp-test-harness:{_mark(report.run.name)} -->\n"
    if verdict(report) is Verdict.PASSED:
        return f"{mark}{_green(report)}\n\n{foot}\n"
    return mark + within(MAX_COMMENT - len(mark), LADDER, report, foot)


def _green(report: RunReport) -> str:
    """`✓ nightly: 300 of 300 tests passed (was 7 failed)`."""
    before = sum(cause.tests for cause in report.comparison.fixed) if report.comparison else 0
    was = f" (was {before:,} failed)" if before else ""
    name = code(report.run.name or report.run.run_id)
    return f"{SYMBOLS[Verdict.PASSED]} {name}: {headline_text(report, causes_of(report))}{was}"


def _mark(name: str) -> str:
    """A name that cannot end an HTML comment."""
    return _NOT_IN_A_MARK.sub("-", name)[:80].strip("-") or "run"
