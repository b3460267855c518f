"""The JUnit XML report, as Surefire and the CI systems read it. Pure; text from outside is made safe here.

One `testsuite` per suite and target. A check that did not hold, or no answer in time, is a `failure` (pytest and
nextest count time-outs so, too); what could not be carried out is an `error`. `skipped` holds all that says nothing
about the server: skipped, cancelled, not run, no outcome yet; its message says which. A flaky test passes and carries
`flakyFailure` or `flakyError` for each attempt before; a bad one carries `rerunFailure` or `rerunError` for those.
Passed = tests - failures - errors - skipped, in each suite and in all.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from harness.checks.show import show
from harness.models.attempt import AttemptRecord
from harness.models.outcomes import BAD, GOOD, AttemptOutcome, TestOutcome
from harness.models.run import RunReport, RunView, TestReport
from harness.safe_text import one_line, safe_text
from scheduler.reports.attempts import counting_records, deciding_record, earlier_failures
from scheduler.reports.explain import stacked_lines, stderr_title, warnings_of
from scheduler.reports.totals import Totals, count_outcomes
from scheduler.reports.wording import MAX_ID, outcome_words, reason_of

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
MAX_MESSAGE, MAX_DETAIL, MAX_OUTPUT = 500, 8_000, 4_000
ORDER = (
    *("failure", "rerunFailure", "flakyFailure", "skipped"),
    *("error", "rerunError", "flakyError", "system-out", "system-err"),
)
"""Of the elements of a testcase, as Surefire's schema has it."""
FAILURES = frozenset({TestOutcome.FAILED, TestOutcome.TIMEOUT})
ERRORS = BAD - FAILURES


def render_junit(report: RunReport) -> str:
    """The report as JUnit XML, UTF-8 by declaration. The same report gives the same text."""
    run = report.run
    root = Element("testsuites", {"name": one_line(run.name or run.run_id, MAX_ID)})
    root.attrib |= _counts(count_outcomes(report.tests), run.created_at, run.finished_at)
    for tests in _by_suite(report.tests):
        root.append(_suite(run, tests))
    ElementTree.indent(root)
    return DECLARATION + ElementTree.tostring(root, encoding="unicode") + "\n"


def _by_suite(tests: Iterable[TestReport]) -> Iterable[list[TestReport]]:
    groups: dict[tuple[str, str], list[TestReport]] = {}
    for test in tests:
        groups.setdefault((test.suite, test.target), []).append(test)
    return groups.values()


def _counts(totals: Totals, started_at: datetime | None, ended_at: datetime | None) -> dict[str, str]:
    elapsed_s = (ended_at - started_at).total_seconds() if started_at and ended_at else 0.0
    counts = {
        "tests": str(totals.total),
        "failures": str(sum(totals.of(outcome) for outcome in FAILURES)),
        "errors": str(sum(totals.of(outcome) for outcome in ERRORS)),
        "skipped": str(totals.of(TestOutcome.SKIPPED) + totals.unfinished),
        "time": _seconds(elapsed_s),
    }
    return counts | ({"timestamp": started_at.isoformat(timespec="milliseconds")} if started_at else {})


def _suite(run: RunView, tests: Sequence[TestReport]) -> Element:
    first = tests[0]
    records = [record for test in tests for record in counting_records(test)]
    started_at = min((record.started_at for record in records), default=None)
    ended_at = max((record.ended_at for record in records), default=None)
    suite = Element("testsuite", {"name": one_line(f"{first.suite}/{first.target}", MAX_ID)})
    suite.attrib |= _counts(count_outcomes(tests), started_at, ended_at)
    if first.file:
        suite.set("file", one_line(first.file, MAX_ID))
    _add_properties(suite, {"run": run.run_id, "project": run.project, "target": first.target})
    for test in tests:
        suite.append(_case(run.project, test))
    return suite


def _case(project: str, test: TestReport) -> Element:
    case = Element("testcase", {"name": one_line(_path(test), MAX_ID)})
    case.set("classname", one_line(f"{project}.{test.suite}.{test.target}", MAX_ID))
    if test.file:
        case.attrib |= {"file": one_line(test.file, MAX_ID), "line": str(test.line)}
    case.set("time", _seconds(test.duration_s))
    _add_properties(case, dict(_facts(test)))
    case.extend(sorted(_result(test), key=lambda element: ORDER.index(element.tag)))
    return case


def _path(test: TestReport) -> str:
    """The test's id without project, suite and target, which stand in the class name."""
    parts = test.test_id.split("/", 3)
    return parts[3] if len(parts) == 4 else test.name


def _facts(test: TestReport) -> Iterator[tuple[str, str]]:
    records = counting_records(test)
    if not records:
        return
    yield "attempts", str(len(records))
    record = deciding_record(test) or records[-1]
    yield "worker", record.worker
    if record.session is not None:
        yield "session", record.session.session_id
        yield "server", f"{record.session.server_name} {record.session.server_version}".strip()
        yield "protocol", record.session.protocol_version


def _add_properties(parent: Element, facts: dict[str, str]) -> None:
    if not any(facts.values()):
        return
    properties = SubElement(parent, "properties")
    for name, value in facts.items():
        if value:
            SubElement(properties, "property", {"name": name, "value": one_line(value, MAX_ID)})


def _result(test: TestReport) -> Iterator[Element]:
    """What stands in a testcase beside its properties."""
    if test.outcome in BAD:
        yield from _bad_result(test)
    elif test.outcome in GOOD:
        yield from (_earlier("flaky", record) for record in earlier_failures(test))
        if warnings := warnings_of(test):
            yield _element("system-out", "\n".join(f"warning: {one_line(text, MAX_MESSAGE)}" for text in warnings))
    else:
        yield Element("skipped", {"message": _skip_message(test)})


def _bad_result(test: TestReport) -> Iterator[Element]:
    record = deciding_record(test)
    result = Element("failure" if test.outcome in FAILURES else "error")
    result.set("message", one_line(test.reason or (reason_of(record) if record else str(test.outcome)), MAX_MESSAGE))
    result.set("type", str(test.cause or (record.cause.kind if record and record.cause else test.outcome)))
    result.text = _detail(record) if record and record.failures else result.get("message")
    yield result
    yield from (_earlier("rerun", earlier) for earlier in earlier_failures(test))
    if record and record.answer is not None:
        yield _element("system-out", show(record.answer, MAX_OUTPUT))
    if record and record.stderr_tail:
        yield _stderr(record)


def _earlier(prefix: str, record: AttemptRecord) -> Element:
    kind = "Error" if record.outcome is AttemptOutcome.ERROR else "Failure"
    element = Element(f"{prefix}{kind}", {"message": one_line(reason_of(record), MAX_MESSAGE)})
    element.set("type", str(record.cause.kind if record.cause else record.outcome))
    element.append(_element("stackTrace", _detail(record)))
    if record.stderr_tail:
        element.append(_stderr(record))
    return element


def _detail(record: AttemptRecord) -> str:
    lines = [line for failure in record.failures for line in stacked_lines(failure, MAX_DETAIL)]
    return safe_text("\n".join(lines) or reason_of(record), MAX_DETAIL)


def _stderr(record: AttemptRecord) -> Element:
    """The element's name says what it is; whose it is must be said where other tests share it."""
    text = safe_text(record.stderr_tail, MAX_OUTPUT)
    shared = record.session is not None and record.session.shared
    return _element("system-err", f"{stderr_title(record)}\n{text}" if shared else text)


def _skip_message(test: TestReport) -> str:
    if test.outcome is TestOutcome.SKIPPED:
        return one_line(test.reason, MAX_MESSAGE)
    word = outcome_words(test.outcome) if test.outcome else "no outcome yet"
    says_so = not test.reason or test.reason.startswith(word)
    return one_line(test.reason or word if says_so else f"{word}: {test.reason}", MAX_MESSAGE)


def _element(tag: str, text: str) -> Element:
    element = Element(tag)
    element.text = text
    return element


def _seconds(duration_s: float) -> str:
    return f"{max(0.0, duration_s):.3f}"
