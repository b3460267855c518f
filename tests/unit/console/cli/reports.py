"""Finished tests and events, for the tests of the console."""

from datetime import UTC, datetime, timedelta
from typing import Any

from harness.models.attempt import AttemptRecord, CheckFailure
from harness.models.outcomes import AttemptOutcome, TestOutcome
from harness.models.run import AttemptReport, EventKind, RunEvent, RunState, RunView, TestReport

START = datetime(2026, 11, 24, 12, tzinfo=UTC)


def record(
    *failures: CheckFailure, stderr_tail: str = "", lease: int = 1, outcome: AttemptOutcome = AttemptOutcome.FAILED
) -> AttemptRecord:
    return AttemptRecord(
        run_id="r",
        number=0,
        test_id="default/s/t/x",
        lease=lease,
        worker="w",
        outcome=outcome,
        failures=failures,
        started_at=START,
        ended_at=START + timedelta(seconds=0.41),
        stderr_tail=stderr_tail,
    )


def finished(
    outcome: TestOutcome = TestOutcome.PASSED, *records: AttemptRecord, number: int = 0, reason: str = ""
) -> TestReport:
    return TestReport(
        number=number,
        test_id=f"default/checkout/orders/list/large-{number}",
        suite="checkout",
        target="orders",
        name="large",
        file="suites/checkout.yaml",
        line=42,
        outcome=outcome,
        reason=reason,
        duration_s=0.41,
        attempts=tuple(AttemptReport(record=entry) for entry in records),
    )


def event(seq: int, test: TestReport | None = None) -> RunEvent:
    kind = EventKind.TEST_FINISHED if test else EventKind.RUN_FINISHED
    return RunEvent(seq=seq, kind=kind, test=test)


def run_view(run_id: str = "8f2c1a", **members: Any) -> RunView:
    given = {"project": "default", "state": RunState.RUNNING, "total": 4, "totals": {}, "created_at": START, **members}
    return RunView(run_id=run_id, **given)


def noticed(seq: int, notice: str) -> RunEvent:
    return RunEvent(seq=seq, kind=EventKind.RUN_NOTICE, run=run_view(notice=notice))
