"""One test of a report as its history keeps it. Pure."""

from harness.models.looking_back import PastTest
from harness.models.run import RunReport, TestReport
from scheduler.reports.attempts import counting_records, deciding_record


def past_test(report: RunReport, test: TestReport) -> PastTest:
    """What became of `test` in the run of `report`."""
    record = deciding_record(test)
    session = record.session if record else None
    return PastTest(
        run_id=report.run.run_id,
        at=report.run.created_at,
        number=test.number,
        outcome=test.outcome,
        reason=test.reason,
        duration_s=test.duration_s,
        call_s=record.timing.call_s if record else None,
        attempts=len(counting_records(test)),
        server=f"{session.server_name} {session.server_version}".strip() if session else "",
        cause_id=next((cause.cause_id for cause in report.causes if test.number in cause.tests), ""),
    )
