"""What GitHub Actions shows of a run: annotations at lines of suites, and the summary of the job. Pure.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions ; of one step GitHub shows ten errors
and ten warnings and drops the rest without a word, so we send nine of each and say how many more there are. A summary
above 1 MiB is dropped whole.
"""

from collections.abc import Callable, Iterator

from harness.models.causes import RunCause
from harness.models.outcomes import TestOutcome
from harness.models.run import RunReport, TestReport
from harness.safe_text import one_line
from scheduler.reports.causes import by_number, causes_of, tests_of
from scheduler.reports.explain import flaky_text, warned_text, warnings_of
from scheduler.reports.markdown import Depth, within
from scheduler.reports.markdown_parts import CauseDetail
from scheduler.reports.markdown_text import code
from scheduler.reports.wording import amount, short_id

MAX_ANNOTATIONS, MAX_MESSAGE, MAX_TITLE = 9, 400, 200
MAX_SUMMARY_BYTES = 200 * 1000
LADDER = (
    Depth(20, CauseDetail(names=1_000, checks=5, answer=4_096)),
    Depth(20, CauseDetail(names=5, checks=5)),
    Depth(20, CauseDetail(names=0, checks=0)),
    Depth(0, CauseDetail(), extras=False),
)


def render_job_summary(report: RunReport) -> str:
    """The summary of a job, to be appended to the file that GITHUB_STEP_SUMMARY names; at most 200 KB."""
    return within(MAX_SUMMARY_BYTES, LADDER, report, f"run {code(report.run.run_id)}")


def annotations(report: RunReport, place: Callable[[str], str] = str) -> Iterator[str]:
    """Workflow commands, one a line. `place` turns a suite's path into one below the root of the repository."""
    causes, numbered = causes_of(report), by_number(report)
    for cause in causes[:MAX_ANNOTATIONS]:
        tests = tests_of(cause, numbered)
        if tests:
            yield _command("error", tests[0], place, _title(cause), cause.example_text or cause.title)
    if len(causes) > MAX_ANNOTATIONS:
        yield f"::error title=mcp-test-harness::and {amount(len(causes) - MAX_ANNOTATIONS, 'more cause')}"
    yield from _doubtful(report, place)


def _doubtful(report: RunReport, place: Callable[[str], str]) -> Iterator[str]:
    """Flaky tests, then those that warn."""
    told = [("flaky", test, flaky_text(test)) for test in report.tests if test.outcome is TestOutcome.FLAKY]
    told += [("warning of", test, warned_text(test)) for test in report.tests if warnings_of(test)]
    for word, test, text in told[:MAX_ANNOTATIONS]:
        yield _command("warning", test, place, f"{word} {short_id(test.test_id)}", text)
    if len(told) > MAX_ANNOTATIONS:
        yield f"::warning title=mcp-test-harness::and {amount(len(told) - MAX_ANNOTATIONS, 'more warning')}"


def _title(cause: RunCause) -> str:
    state = f"{cause.state.value.upper()} " if cause.cause_id else ""
    servers = ", ".join(cause.targets[:3]) + (" and more" if len(cause.targets) > 3 else "")
    return f"{state}{amount(len(cause.tests), 'test')} on {servers}"


def _command(kind: str, test: TestReport, place: Callable[[str], str], title: str, message: str) -> str:
    where = f"file={_property(place(test.file), 1_000)},line={max(1, test.line)}," if test.file else ""
    return f"::{kind} {where}title={_property(title, MAX_TITLE)}::{_data(message, MAX_MESSAGE)}"


def _data(text: str, limit: int) -> str:
    return one_line(text, limit).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str, limit: int) -> str:
    return _data(text, limit).replace(":", "%3A").replace(",", "%2C")
