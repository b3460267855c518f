"""The CTRF report (Common Test Report Format, https://ctrf.io, specification 0.0.0): JSON that many tools read. Pure.

Failed, errored and timed-out tests are `failed`, whose `rawStatus` tells which; a flaky one is `passed` and `flaky`.
Skipped tests are `skipped`; what was cancelled or never ran is `other`, and what has no outcome yet `pending`.
Times are milliseconds.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from harness.models.attempt import AttemptRecord
from harness.models.outcomes import BAD, BAD_ATTEMPTS, GOOD, AttemptOutcome, TestOutcome
from harness.models.run import RunReport, RunView, TestReport
from harness.safe_text import one_line, safe_text
from harness.version import VERSION
from scheduler.reports.attempts import counting_records, deciding_record
from scheduler.reports.explain import stacked_lines, warnings_of
from scheduler.reports.wording import MAX_ID, reason_of

SPECIFICATION = "0.0.0"
MAX_MESSAGE, MAX_TRACE, MAX_STDERR_LINES, MAX_LINE, MAX_ATTEMPTS = 1_000, 8_000, 50, 500, 50
STATUSES = ("passed", "failed", "skipped", "pending", "other")


def render_ctrf(report: RunReport) -> str:
    """The report as CTRF, in plain ASCII. The same report gives the same text."""
    run = report.run
    tests = [dict(_test(test)) for test in report.tests]
    document = {
        "reportFormat": "CTRF",
        "specVersion": SPECIFICATION,
        "reportId": str(uuid5(NAMESPACE_URL, f"mcp-test-harness:{run.run_id}")),
        "runId": run.run_id,
        "timestamp": (run.finished_at or run.created_at).isoformat(),
        "generatedBy": f"mcp-test-harness {VERSION}",
        "results": {
            "tool": {"name": "mcp-test-harness", "version": VERSION},
            "summary": _summary(report, tests),
            "tests": tests,
            "environment": {"reportName": one_line(run.name or run.run_id, MAX_ID)},
        },
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _summary(report: RunReport, tests: list[dict[str, Any]]) -> dict[str, int]:
    counts = Counter(test["status"] for test in tests)
    start, stop = _span(report.run)
    return {
        "tests": len(tests),
        **{status: counts[status] for status in STATUSES},
        "flaky": sum(test.outcome is TestOutcome.FLAKY for test in report.tests),
        "suites": len({(test.suite, test.target) for test in report.tests}),
        "start": start,
        "stop": stop,
        "duration": stop - start,
    }


def _test(test: TestReport) -> Iterator[tuple[str, Any]]:
    """What CTRF says of one test; members without a value are left out."""
    record = deciding_record(test)
    yield "testId", one_line(test.test_id, MAX_ID) or "?"
    yield "name", one_line(_path(test), MAX_ID) or "?"
    yield "status", _status(test.outcome)
    yield "rawStatus", str(test.outcome or "open")
    yield "duration", _ms(test.duration_s)
    yield "suite", [one_line(test.suite, MAX_ID), one_line(test.target, MAX_ID)]
    if test.file:
        yield from (("filePath", one_line(test.file, MAX_ID)), ("line", test.line))
    if test.tags:
        yield "tags", [one_line(tag, MAX_ID) for tag in test.tags]
    if test.outcome is TestOutcome.FLAKY:
        yield "flaky", True
    if record is not None:
        yield from (("start", _epoch_ms(record.started_at)), ("stop", _epoch_ms(record.ended_at)))
        yield "threadId", one_line(record.worker, MAX_ID)
        yield from _attempts(test, record)
    if warnings := warnings_of(test):
        yield "extra", {"warnings": [one_line(text, MAX_MESSAGE) for text in warnings]}
    yield from _why(test, record)


def _attempts(test: TestReport, last: AttemptRecord) -> Iterator[tuple[str, Any]]:
    earlier = [record for record in counting_records(test) if record is not last]
    if earlier:
        yield "retries", len(earlier)
        yield "retryAttempts", [_attempt(at, record) for at, record in enumerate(earlier[:MAX_ATTEMPTS], start=1)]


def _why(test: TestReport, record: AttemptRecord | None) -> Iterator[tuple[str, Any]]:
    if test.outcome in GOOD:
        return
    message = one_line(test.reason or (reason_of(record) if record else ""), MAX_MESSAGE)
    if message:
        yield "message", message
    if test.outcome in BAD and record is not None:
        yield from _evidence(record)


def _evidence(record: AttemptRecord) -> Iterator[tuple[str, Any]]:
    if record.failures:
        lines = [line for failure in record.failures for line in stacked_lines(failure, MAX_TRACE)]
        yield "trace", safe_text("\n".join(lines), MAX_TRACE)
    stderr = [one_line(line, MAX_LINE) for line in record.stderr_tail.splitlines()[-MAX_STDERR_LINES:]]
    if stderr:
        yield "stderr", stderr
    if record.session is not None:
        server = f"{record.session.server_name} {record.session.server_version}".strip()
        yield "extra", {"server": one_line(server, MAX_ID), "protocol": one_line(record.session.protocol_version, 40)}


def _attempt(number: int, record: AttemptRecord) -> Mapping[str, Any]:
    status = "passed" if record.outcome is AttemptOutcome.PASSED else "failed"
    attempt: dict[str, Any] = {
        "attempt": number,
        "status": status if record.outcome in BAD_ATTEMPTS | {AttemptOutcome.PASSED} else "other",
        "duration": _ms(record.duration_s),
        "start": _epoch_ms(record.started_at),
        "stop": _epoch_ms(record.ended_at),
    }
    return attempt if status == "passed" else {**attempt, "message": one_line(reason_of(record), MAX_MESSAGE)}


def _status(outcome: TestOutcome | None) -> str:
    if outcome is None:
        return "pending"
    if outcome in GOOD:
        return "passed"
    if outcome in BAD:
        return "failed"
    return "skipped" if outcome is TestOutcome.SKIPPED else "other"


def _path(test: TestReport) -> str:
    parts = test.test_id.split("/", 3)
    return parts[3] if len(parts) == 4 else test.name


def _span(run: RunView) -> tuple[int, int]:
    start = _epoch_ms(run.created_at)
    return start, max(start, _epoch_ms(run.finished_at) if run.finished_at else start)


def _epoch_ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _ms(duration_s: float) -> int:
    return int(max(0.0, min(duration_s, 1e9)) * 1000) if duration_s == duration_s else 0
