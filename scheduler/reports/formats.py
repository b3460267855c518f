"""Which reports there are: one table from a format's name to its file, its media type and what renders it. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.models.run import RunReport
from scheduler.reports.comment import render_comment
from scheduler.reports.ctrf import render_ctrf
from scheduler.reports.html.options import HtmlOptions
from scheduler.reports.html.page import html_chunks
from scheduler.reports.json import render_json
from scheduler.reports.junit import render_junit
from scheduler.reports.markdown import render_markdown
from scheduler.reports.style import Style
from scheduler.reports.summary import render_summary

TEXT_WIDTH = 80


@dataclass(frozen=True)
class Format:
    """How a report is written. `file` is its name in a folder of reports."""

    file: str
    media_type: str
    render: Callable[[RunReport], str]


def _render_text(report: RunReport) -> str:
    return render_summary(report, Style(width=TEXT_WIDTH))


def _render_html(report: RunReport) -> str:
    return b"".join(html_chunks(report)).decode()


def report_chunks(report: RunReport, name: str, html: HtmlOptions) -> Iterator[bytes]:
    """`report` in one format, piece by piece, in UTF-8; `html` says what that format is to hold beside it."""
    if name == "html":
        yield from html_chunks(report, html)
    else:
        yield FORMATS[name].render(report).encode()


FORMATS: dict[str, Format] = {
    "json": Format("report.json", "application/json", render_json),
    "junit": Format("junit.xml", "application/xml", render_junit),
    "html": Format("report.html", "text/html", _render_html),
    "ctrf": Format("ctrf-report.json", "application/json", render_ctrf),
    "markdown": Format("report.md", "text/markdown", render_markdown),
    "markdown-comment": Format("comment.md", "text/markdown", render_comment),
    "text": Format("report.txt", "text/plain", _render_text),
}
