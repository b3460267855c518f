"""A check that does not hold and does not decide is told by every report that people read."""

from collections.abc import Callable
from html import unescape

import pytest

from harness.models.outcomes import AttemptOutcome, TestOutcome
from harness.models.run import RunReport
from scheduler.reports.ctrf import render_ctrf
from scheduler.reports.github import annotations, render_job_summary
from scheduler.reports.html.page import html_chunks
from scheduler.reports.junit import render_junit
from scheduler.reports.levels import Level
from scheduler.reports.markdown import render_markdown
from scheduler.reports.summary import Terms, render_summary
from tests.unit.reports.runs import case, check, record, run_of

WARNED = record(AttemptOutcome.PASSED, warnings=(check(), check("1300")))


def as_summary(report: RunReport) -> str:
    return render_summary(report, terms=Terms(Level.SLOW))


def as_annotations(report: RunReport) -> str:
    return "\n".join(annotations(report))


def as_html(report: RunReport) -> str:
    return unescape(b"".join(html_chunks(report)).decode())


FORMATS = (as_summary, render_markdown, render_job_summary, render_junit, render_ctrf, as_annotations, as_html)


@pytest.mark.parametrize("render", FORMATS, ids=lambda render: render.__name__)
def test_a_warning_is_told_and_only_of_tests_that_count_as_warned(render: Callable[[RunReport], str]) -> None:
    told = [run_of(case("a/b", TestOutcome.PASSED, WARNED, warned=warned)) for warned in (True, False)]
    assert ["number of at most 1000" in " ".join(render(report).split()) for report in told] == [True, False]
