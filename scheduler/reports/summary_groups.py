"""The summary as GitHub Actions folds it: each cause with its reason in view, its detail in a group. Pure.

Between `::stop-commands::` and its end nothing is a command, so whatever a server wrote stands there; the marks of
groups are commands and stay outside. A group is closed at first, and they do not nest:
https://docs.github.com/actions/reference/workflow-commands-for-github-actions#grouping-log-lines
"""

from collections.abc import Iterator

from harness.models.run import RunReport
from scheduler.reports.style import Style
from scheduler.reports.summary import Terms, harmless, summary_of
from scheduler.reports.summary_causes import CauseBlock


def render_groups(report: RunReport, style: Style, terms: Terms, token: str) -> str:
    """The summary with its groups. `token`: a word that nobody can guess, which ends the silence of commands."""
    parts = summary_of(report, style, terms)
    blocks = [_grouped(place, block, token) for place, block in enumerate(parts.causes, 1)]
    tail = harmless(["", *parts.tail]) if parts.tail else ""
    return harmless([*parts.head, ""]) + "".join(blocks) + tail


def _grouped(place: int, block: CauseBlock, token: str) -> str:
    shown = harmless([*block.head, *([f"    {block.reason}"] if block.reason else [])])
    return shown + "".join(f"{line}\n" for line in _group(place, block, token))


def _group(place: int, block: CauseBlock, token: str) -> Iterator[str]:
    if block.detail:
        yield f"::group::detail of cause {place} ({block.cause_id})"
        yield f"::stop-commands::{token}"
        yield from block.detail
        yield f"::{token}::"
        yield "::endgroup::"
