"""The Markdown report: the whole of a run for people, within a budget. Pure; every text of others stands in code.

The job summary and the comment (`github.py`, `comment.py`) are shorter forms of the same parts (`markdown_parts.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.models.run import RunReport
from scheduler.reports.causes import by_number, causes_of
from scheduler.reports.markdown_parts import (
    CauseDetail,
    cause_section,
    counts_table,
    flaky_section,
    headline,
    more_causes,
    reasons_section,
    servers_section,
    since_line,
    warned_section,
    warnings_section,
)

MAX_REPORT_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Depth:
    """How much is told: causes in all, and what of each. The last rung of a ladder tells no cause at all."""

    causes: int
    detail: CauseDetail
    extras: bool = True


FULL = CauseDetail(names=200, checks=20, answer=4_096)
LADDER = (
    Depth(500, FULL),
    Depth(100, CauseDetail(names=20, checks=5, answer=1_024)),
    Depth(100, CauseDetail(names=0, checks=0, answer=0)),
    Depth(0, CauseDetail(), extras=False),
)


def render_markdown(report: RunReport) -> str:
    """The run as a Markdown document of at most 4 MiB."""
    return within(MAX_REPORT_BYTES, LADDER, report)


def within(most_bytes: int, ladder: Sequence[Depth], report: RunReport, foot: str = "") -> str:
    """The document in the greatest depth of the ladder that fits; the last one is taken as it is."""
    for depth in ladder:
        text = document(report, depth, foot)
        if len(text.encode()) <= most_bytes:
            break
    return text


def document(report: RunReport, depth: Depth, foot: str = "") -> str:
    """The run in one depth."""
    causes, numbered = causes_of(report), by_number(report)
    parts = [headline(report, causes), counts_table(report), since_line(report, causes)]
    parts += [cause_section(cause, numbered, depth.detail) for cause in causes[: depth.causes]]
    parts += [more_causes(causes[depth.causes :])]
    if depth.extras:
        parts += [
            flaky_section(report),
            warned_section(report),
            reasons_section(report),
            warnings_section(report),
            servers_section(report),
        ]
    return "\n\n".join(part for part in [*parts, foot] if part) + "\n"
