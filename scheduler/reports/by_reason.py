"""The causes of a run that every report for people tells: its own, or else its failures by server and reason. Pure."""

from collections.abc import Mapping, Sequence

from harness.models.causes import RunCause
from harness.models.outcomes import BAD, NO_SERVER_CAUSES, CauseKind
from harness.models.run import RunReport, TestReport
from harness.safe_text import one_line
from scheduler.reports.attempts import deciding_record
from scheduler.reports.wording import MAX_TEXT

MAX_TITLE = 200
Key = tuple[str, str]


def causes_of(report: RunReport) -> tuple[RunCause, ...]:
    """The causes of `report`; of one that holds none, one per server and reason, without an id, the largest first."""
    if report.causes:
        return report.causes
    groups: dict[Key, list[TestReport]] = {}
    for test in sorted((test for test in report.tests if test.outcome in BAD), key=_was_not_tried):
        groups.setdefault(_key(test), []).append(test)
    return tuple(_cause(key[0], tests) for key, tests in sorted(groups.items(), key=lambda item: -len(item[1])))


def by_number(report: RunReport) -> Mapping[int, TestReport]:
    """The tests by their numbers, to be made once: a run may have 100,000."""
    return {test.number: test for test in report.tests}


def tests_of(cause: RunCause, tests: Mapping[int, TestReport]) -> tuple[TestReport, ...]:
    """The tests of a cause, the example first; numbers that the report does not have are passed over."""
    numbers = dict.fromkeys((cause.example, *cause.tests))
    return tuple(tests[number] for number in numbers if number in tests)


def _key(test: TestReport) -> Key:
    """A server that cannot be started is one reason, whatever each test saw of it."""
    return (test.target, "" if test.cause in NO_SERVER_CAUSES else _reason(test))


def _was_not_tried(test: TestReport) -> bool:
    return test.cause is CauseKind.SERVER_UNREACHABLE


def _reason(test: TestReport) -> str:
    record = deciding_record(test)
    if record and record.failures:
        return record.failures[0].title
    return test.reason or (record.reason if record else "") or str(test.outcome)


def _cause(target: str, tests: Sequence[TestReport]) -> RunCause:
    first = tests[0]
    down = first.cause in NO_SERVER_CAUSES
    record = deciding_record(first)
    said = str(record.failures[0]) if record and record.failures else first.reason
    return RunCause(
        cause_id="",
        key="",
        targets=(target,),
        title="the server did not start" if down else one_line(_reason(first), MAX_TITLE),
        example=first.number,
        example_text=one_line(said or _reason(first), MAX_TEXT),
        tests=tuple(test.number for test in tests),
        is_server_down=down,
    )
