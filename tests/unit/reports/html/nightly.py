"""A night of 300 tests on twelve servers: seven that did not pass, of three causes, two flaky ones. Fixed in time."""

from collections.abc import Iterator
from datetime import timedelta

from harness.models.attempt import AttemptRecord, CheckFailure, Samples, SessionFacts, Timing, Usage
from harness.models.causes import CauseState, Comparison, FixedCause, RunCause, VersionChange
from harness.models.evidence import Evidence, Exchange, HeldCheck
from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from harness.models.run import AttemptReport, RunReport, RunState, RunView, TestReport
from scheduler.reports.attempts import deciding_record
from tests.unit.reports.runs import START, cause

SERVERS = (
    "orders",
    "catalog",
    "reports",
    "billing",
    "search",
    "mail",
    "files",
    "clock",
    "users",
    "maps",
    "notes",
    "git",
)
TOOLS = ("list", "get", "search", "export", "count")
MIB = 1024 * 1024


def nightly(total: int = 300) -> RunReport:
    """`total` tests; their evidence is what `evidence_of` gives."""
    tests = tuple(_number(number, test) for number, test in enumerate((*_bad(), *_flaky(), *_passed(total - 9))))
    view = RunView(
        run_id="8f2c1a",
        project="default",
        name="nightly",
        state=RunState.CLOSED,
        created_at=START,
        finished_at=START + timedelta(seconds=112),
        total=total,
        totals={},
        exit_code=1,
        retries=6,
    )
    return RunReport(run=view, tests=tests, causes=CAUSES, comparison=BEFORE)


def numbered(report: RunReport) -> RunReport:
    """The same with the numbers that its tests would have."""
    tests = tuple(_number(number, test) for number, test in enumerate(report.tests))
    return report.model_copy(update={"tests": tests})


def evidence_of(digest: str) -> Evidence | None:
    """What is kept of an attempt, by the digest in its record."""
    return EVIDENCE.get(digest)


def attempt(outcome: AttemptOutcome, seconds: float, server: str, place: int = 0, **members: object) -> AttemptRecord:
    """An attempt that began `place` tenths of a second after the run, on one of 24 workers."""
    began = START + timedelta(seconds=2 + 0.1 * place)
    given = {
        "run_id": "8f2c1a",
        "number": 0,
        "test_id": "",
        "lease": 1,
        "worker": f"w{1 + place * 7 % 24:02}",
        "started_at": began,
        "ended_at": began + timedelta(seconds=seconds),
        "timing": Timing(total_s=seconds, call_s=seconds * 0.8, session_wait_s=seconds * 0.1, checks_s=seconds * 0.02),
        "session": SessionFacts(
            session_id=f"s{place}",
            position=place % 5,
            server_name=f"{server}-mcp",
            server_version="2.1.0",
            protocol_version="2025-11-25",
        ),
        "usage": Usage(memory_peak_bytes=(40 + place % 50) * MIB, cpu_s=0.1),
        **members,
    }
    return AttemptRecord.model_validate({"outcome": outcome, **given})


def case(server: str, path: str, outcome: TestOutcome, *records: AttemptRecord, line: int = 1) -> TestReport:
    """A test of the suite that is named after its server."""
    report = TestReport(
        number=0,
        test_id=f"default/{server}/{server}/{path}",
        suite=server,
        target=server,
        name=path.rsplit("/", 1)[-1],
        tool=path.split("/", 1)[0],
        file=f"suites/{server}.yaml",
        line=line,
        tags=("smoke",) if line % 3 == 0 else (),
        outcome=outcome,
        duration_s=records[-1].duration_s if records else 0.0,
        attempts=tuple(AttemptReport(record=record) for record in records),
    )
    deciding = deciding_record(report)
    kind = deciding.cause.kind if deciding and deciding.cause else None
    reason = deciding.reason if deciding and outcome is not TestOutcome.PASSED else ""
    return report.model_copy(update={"cause": kind, "reason": reason})


def _number(number: int, test: TestReport) -> TestReport:
    return test.model_copy(update={"number": number})


def _bad() -> Iterator[TestReport]:
    for place, name in enumerate(("list-large", "list-page-2", "list-page-3", "list-all")):
        record = attempt(
            AttemptOutcome.FAILED,
            0.41,
            "orders",
            place,
            cause=cause(CauseKind.CHECK),
            failures=_prices(),
            evidence="price",
            answer=ITEMS,
        )
        yield case("orders", f"list/{name}", TestOutcome.FAILED, record, line=42 + place)
    for place, name in enumerate(("full-dump", "full-dump[format=csv]")):
        late = [
            attempt(
                AttemptOutcome.TIMEOUT,
                30.0,
                "reports",
                10 * place + 200 * number,
                cause=cause(CauseKind.TIME_LIMIT, "no answer within 30s"),
                stderr_tail="02:11:09 INFO dumped 88000 rows\n02:11:39 WARN lock wait on table audit\n",
            )
            for number in range(3)
        ]
        yield case("reports", f"export/{name}", TestOutcome.TIMEOUT, *late, line=8 + place)
    plural = attempt(AttemptOutcome.FAILED, 0.09, "catalog", 5, cause=cause(CauseKind.CHECK), failures=(_plural(),))
    yield case("catalog", "search/plural", TestOutcome.FAILED, plural, line=77)


def _flaky() -> Iterator[TestReport]:
    for place, (server, path) in enumerate((("catalog", "search/empty-query"), ("orders", "refund/partial"))):
        late = attempt(
            AttemptOutcome.TIMEOUT, 2.0, server, place, cause=cause(CauseKind.TIME_LIMIT, "no answer within 2s")
        )
        good = attempt(AttemptOutcome.PASSED, 0.09, server, 40 + place)
        yield case(server, path, TestOutcome.FLAKY, late, good, line=12)


def _passed(count: int) -> Iterator[TestReport]:
    for place in range(count):
        server, tool = SERVERS[place % len(SERVERS)], TOOLS[place // 7 % len(TOOLS)]
        seconds = 41.8 if place == 20 else 0.02 + (place * 37 % 100) / 150
        record = attempt(AttemptOutcome.PASSED, seconds, server, place % 700, evidence="good", samples=_samples(place))
        yield case(server, f"{tool}/case-{place}", TestOutcome.PASSED, record, line=100 + place % 300)


def _samples(place: int) -> Samples | None:
    if place != 4:
        return None
    return Samples(calls=100, passed=100, p50_s=0.01, p90_s=0.02, p95_s=0.03, p99_s=0.05, max_s=0.06, ops_per_s=88.5)


def _prices() -> tuple[CheckFailure, ...]:
    return tuple(
        CheckFailure(check="range", path=f"$.items[{place}].price", expected="0 to 1000", actual=actual)
        for place, actual in ((3, "1204.5"), (9, "1011"))
    )


def _plural() -> CheckFailure:
    return CheckFailure(
        check="equals",
        path="$.content[0].text",
        expected='"Found 3 items"',
        actual='"Found 3 item(s)"',
        diff='- "Found 3 items"\n+ "Found 3 item(s)"',
    )


ITEMS = {"structuredContent": {"items": [{"id": n, "price": 1204.5 if n == 3 else 10.0 * n} for n in range(12)]}}
EVIDENCE = {
    "price": Evidence(
        exchanges=(
            Exchange(
                step="setup 1", method="tools/call", name="login", request={"name": "login"}, response={}, took_s=0.02
            ),
            Exchange(
                method="tools/call",
                name="list",
                request={"name": "list", "arguments": {"limit": 50, "cursor": None}},
                response=ITEMS,
                request_bytes=61,
                response_bytes=1_400_000,
                is_cut=True,
                took_s=0.33,
            ),
        ),
        failures=_prices(),
        held=(HeldCheck(check="array", path="$.items", expected="an array"),),
        stderr="02:10:01 INFO list 50\n",
    ),
    "good": Evidence(
        exchanges=(Exchange(method="tools/call", name="get", request={"id": 1}, response={"ok": True}, took_s=0.01),),
        held=(HeldCheck(check="value", path="$.ok", expected="true"),),
    ),
}
CAUSES = (
    RunCause(
        cause_id="c3f9a01bc",
        key="3f9a01bc00000000",
        targets=("orders",),
        title="range at items[*].price",
        example=0,
        example_text="$.items[3].price: expected 0 to 1000, got 1204.5",
        tests=(0, 1, 2, 3),
    ),
    RunCause(
        cause_id="c9d20e4f1",
        key="9d20e4f100000000",
        targets=("reports",),
        title="no answer in phase call",
        example=4,
        example_text="no answer within 30s",
        tests=(4, 5),
    ),
    RunCause(
        cause_id="c1170aa39",
        key="1170aa3900000000",
        targets=("catalog",),
        title="equals at content[0].text",
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
