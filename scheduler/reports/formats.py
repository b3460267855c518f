"""Which reports there are: one table from a format's name to its file, its media type and what renders it. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.models.run import RunReport
from scheduler.reports.comment import render_comment
from scheduler.reports.ctrf import render_ctrf
from scheduler.reports.json import render_json
from scheduler.reports.junit import render_junit
from scheduler.reports.markdown import render_markdown
from scheduler.reports.summary import render_summary

TEXT_WIDTH = 80


@dataclass(frozen=True)
class Format:
    """How a report is written. `file` is its name in a folder of reports."""

    file: str
    media_type: str
    render: Callable[[RunReport], str]


def _render_text(report: RunReport) -> str:
    return render_summary(report, colour=False, width=TEXT_WIDTH)


FORMATS: dict[str, Format] = {
    "json": Format("report.json", "application/json", render_json),
    "junit": Format("junit.xml", "application/xml", render_junit),
    "ctrf": Format("ctrf-report.json", "application/json", render_ctrf),
    "markdown": Format("report.md", "text/markdown", render_markdown),
    "markdown-comment": Format("comment.md", "text/markdown", render_comment),
    "text": Format("report.txt", "text/plain", _render_text),
}
