"""Runs for the tests of reports: small, fixed in time, and one with every outcome."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from harness.models.attempt import AttemptRecord, Cause, CheckFailure, SessionFacts
from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from harness.models.run import AttemptReport, RunReport, RunState, RunView, TestReport
from scheduler.reports.attempts import deciding_record

START = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
POISON = "poison: it took down 3 workers, the last one while it ran alone: w1, w2, w3"
DOWN = "server unavailable: exit code 1 (on w1)"
UNTRIED = f"server unreachable: not tried, because 6 attempts in a row failed; at last: {DOWN}"
HOSTILE = "\x1b[2J</failure>\n::error::\u202e\x00\ud800\ufffe]]>&"


def record(outcome: AttemptOutcome | None, *, seconds: float = 0.5, **members: Any) -> AttemptRecord:
    """An attempt of that length, on worker w1."""
    given = {"run_id": "8f2c1a", "number": 0, "test_id": "", "lease": 1, "worker": "w1", **members}
    return AttemptRecord(outcome=outcome, started_at=START, ended_at=START + timedelta(seconds=seconds), **given)


def check(actual: str = "1204.5") -> CheckFailure:
    """A price that is too high."""
    return CheckFailure(check="max", path="$.price", expected="number of at most 1000", actual=actual)


def cause(kind: CauseKind, message: str = "") -> Cause:
    """A cause of that kind."""
    return Cause(kind=kind, message=message)


def case(path: str, outcome: TestOutcome | None, *records: AttemptRecord, **members: Any) -> TestReport:
    """A test of the suite `checkout` on the server `orders`, with those attempts."""
    given = {
        "suite": "checkout",
        "target": "orders",
        "file": "suites/checkout.yaml",
        "line": 42,
        "number": 0,
        **members,
    }
    test = TestReport(
        test_id=f"default/{given['suite']}/{given['target']}/{path}",
        name=path.rsplit("/", 1)[-1],
        outcome=outcome,
        duration_s=given.pop("duration_s", records[-1].duration_s if records else 0.0),
        attempts=tuple(AttemptReport(record=entry) for entry in records),
        **given,
    )
    deciding = deciding_record(test)
    cause_of = deciding.cause.kind if deciding is not None and deciding.cause is not None else None
    return test if "cause" in members else test.model_copy(update={"cause": cause_of})


def run_of(*tests: TestReport, **members: Any) -> RunReport:
    """A closed run of those tests; its totals are wrong on purpose: reports count for themselves."""
    view = {
        "name": "nightly",
        "state": RunState.CLOSED,
        "finished_at": START + timedelta(seconds=112),
        "exit_code": 1,
        **members,
    }
    run = RunView(
        run_id="8f2c1a",
        project="default",
        created_at=START,
        total=999,
        totals={TestOutcome.ERROR: 7},
        **view,
    )
    return RunReport(run=run, tests=_numbered(tests))


def _numbered(tests: Sequence[TestReport]) -> tuple[TestReport, ...]:
    """By their place, where they have no numbers of their own."""
    if len({test.number for test in tests}) == len(tests):
        return tuple(tests)
    return tuple(test.model_copy(update={"number": place}) for place, test in enumerate(tests))


def every_outcome() -> RunReport:
    """One test of each outcome, one that is open, a poisonous one, and one more server that did not start."""
    facts = SessionFacts(
        session_id="s7", position=3, server_name="orders-mcp", server_version="2.1.0", protocol_version="2025-11-25"
    )
    failed = record(AttemptOutcome.FAILED, cause=cause(CauseKind.CHECK), failures=(check(),), session=facts)
    slow = record(AttemptOutcome.TIMEOUT, seconds=60, cause=cause(CauseKind.TIME_LIMIT, "no answer within 60s"))
    broken = record(
        AttemptOutcome.ERROR,
        cause=cause(CauseKind.SERVER_UNAVAILABLE, "exit code 1 after 0.8s"),
        stderr_tail="INFO a\nINFO b\nTraceback\n\n  File \"pay.py\"\nModuleNotFoundError: No module named 'stripe'\n",
        answer={"isError": True},
    )
    passed = record(AttemptOutcome.PASSED, session=facts)
    silent = cause(CauseKind.WORKER_LOST, "no heartbeat for 20 s")
    lost = [record(AttemptOutcome.LOST, cause=silent, lease=number, worker=f"w{number}") for number in (1, 2, 3)]
    gone = {"suite": "pay", "target": "billing", "file": "suites/pay.yaml", "line": 7, "reason": str(broken.cause)}
    return run_of(
        case("list/small", TestOutcome.PASSED, passed),
        case("list/large", TestOutcome.FAILED, failed, reason="max at $.price: expected …"),
        case("list/huge", TestOutcome.FAILED, failed),
        case("refund/partial", TestOutcome.FLAKY, slow, record(AttemptOutcome.LOST), passed),
        case("export/dump", TestOutcome.TIMEOUT, failed, broken, slow, reason=str(slow.cause)),
        case("prompts/greet", TestOutcome.SKIPPED, reason="not yet supported"),
        case("prompts/part", TestOutcome.SKIPPED, reason="not yet supported"),
        case("list/late", TestOutcome.CANCELLED, record(AttemptOutcome.ABORTED), reason="cancelled with key k1"),
        case("list/later", TestOutcome.NOT_RUN, reason="the run was stopped"),
        case("list/open", None),
        case("pay/card", TestOutcome.ERROR, broken, **gone),
        case("pay/cash", TestOutcome.ERROR, broken, **gone),
        case("pay/cash", TestOutcome.FAILED, **{**gone, "target": "billing-2"}),
        case("pay/later", TestOutcome.ERROR, cause=CauseKind.SERVER_UNREACHABLE, **{**gone, "reason": UNTRIED}),
        case("import/bomb", TestOutcome.ERROR, *lost, cause=CauseKind.POISON, reason=POISON),
        stale_records=1,
        retries=3,
        warnings=("suites/pay.yaml:3: unknown key 'tool'",),
    )
