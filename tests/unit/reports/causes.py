"""A run with causes, for the tests of what tells them: seven failures of three causes, one of them known."""

from datetime import timedelta

from harness.models.attempt import SessionFacts
from harness.models.causes import CauseState, Comparison, FixedCause, RunCause, VersionChange
from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from harness.models.run import RunReport
from tests.unit.reports.runs import START, case, cause, check, record, run_of

SESSION = SessionFacts(session_id="s7", position=0, server_name="orders-mcp", server_version="2.1.0")


def run_with_causes(passed: int = 3) -> RunReport:
    """`passed` tests that pass, one flaky, four that fail on orders, two on reports, one on catalog."""
    price = record(AttemptOutcome.FAILED, cause=cause(CauseKind.CHECK), failures=(check(),), session=SESSION)
    late = record(AttemptOutcome.TIMEOUT, seconds=60, cause=cause(CauseKind.TIME_LIMIT, "no answer within 60s"))
    plural = record(AttemptOutcome.FAILED, failures=(check('"Found 3 item(s)"'),), answer={"content": ["`"]})
    good = record(AttemptOutcome.PASSED, session=SESSION)
    slow = {"suite": "export", "target": "reports", "file": "suites/export.yaml", "line": 8}
    search = {"suite": "search", "target": "catalog", "file": "suites/search.yaml", "line": 77}
    tests = [
        *(case(f"list/large-{n}", TestOutcome.FAILED, price, reason="max at $.price: …") for n in range(4)),
        *(case(f"dump/{n}", TestOutcome.TIMEOUT, late, reason=str(late.cause), **slow) for n in range(2)),
        case("search/plural", TestOutcome.FAILED, plural, **search),
        case("search/empty", TestOutcome.FLAKY, late, good, **search),
        *(case(f"ping/{n}", TestOutcome.PASSED, good) for n in range(passed)),
    ]
    numbered = tuple(test.model_copy(update={"number": number}) for number, test in enumerate(tests))
    return run_of(*numbered).model_copy(update={"causes": CAUSES, "comparison": BEFORE})


CAUSES = (
    RunCause(
        cause_id="c3f9a01bc",
        key="3f9a01bc00000000",
        targets=("orders",),
        title="max at $.price",
        example=0,
        example_text="$.price: expected number of at most 1000, got 1204.5",
        tests=(0, 1, 2, 3),
    ),
    RunCause(
        cause_id="c9d20e4f1",
        key="9d20e4f100000000",
        targets=("reports",),
        title="no answer in phase call",
        example=4,
        example_text="no answer within 60s",
        tests=(4, 5),
    ),
    RunCause(
        cause_id="c1170aa39",
        key="1170aa3900000000",
        targets=("catalog",),
        title="value at $.content[0].text",
        example=6,
        example_text='expected "Found 3 items", got "Found 3 item(s)"',
        tests=(6,),
        state=CauseState.STILL,
        since_run="8e01d4",
        since_at=START - timedelta(days=6),
    ),
)
BEFORE = Comparison(
    run_id="8e9c02",
    at=START - timedelta(days=1),
    fixed=(FixedCause(cause_id="c00000001", targets=("search",), title="server died", tests=3),),
    versions=(VersionChange(target="catalog", before="2.3.1", after="2.4.0"),),
    added=4,
)
