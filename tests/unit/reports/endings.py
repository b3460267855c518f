"""Runs that end in every way that is drawn, for the tests of what is shown at the end of a run."""

from datetime import timedelta

from harness.models.attempt import CheckFailure
from harness.models.causes import CauseState
from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from harness.models.run import RunReport, TestReport
from scheduler.reports.causes import find_causes
from tests.unit.reports.runs import START, UNTRIED, case, cause, every_outcome, record, run_of

PASSED = record(AttemptOutcome.PASSED, seconds=0.09, worker="w17")
RANGE = "number from 0 to 1000"
ANSWER = '{"error": "Cannot find the order 4711 in the list of orders that were shipped before"}'


def passes(count: int, target: str = "catalog") -> list[TestReport]:
    return [case(f"ping/{n}", TestOutcome.PASSED, PASSED, suite=target, target=target) for n in range(count)]


def too_high(place: int, price: str) -> CheckFailure:
    return CheckFailure(check="range", path=f"$.items[{place}].price", expected=RANGE, actual=price)


def dear(name: str, **members: object) -> TestReport:
    entry = record(
        AttemptOutcome.FAILED,
        seconds=0.41,
        cause=cause(CauseKind.CHECK),
        failures=(too_high(3, "1204.5"), too_high(9, "1011")),
    )
    return case(f"list/{name}", TestOutcome.FAILED, entry, tool="list", **members)


def late(name: str) -> TestReport:
    said = cause(CauseKind.TIME_LIMIT, "no answer within 60 s")
    stderr = "one\ntwo\nthree\n02:11:09 INFO dumped 88000 rows\n02:11:39 WARN lock wait on table audit\n"
    tries = [record(AttemptOutcome.TIMEOUT, seconds=60, cause=said, lease=n, stderr_tail=stderr) for n in (1, 2, 3)]
    place = {"suite": "export", "target": "reports", "file": "suites/export.yaml", "line": 8, "tool": "dump"}
    return case(f"dump/{name}", TestOutcome.TIMEOUT, *tries, reason=str(said), **place)


def wrong(failure: CheckFailure, name: str) -> TestReport:
    entry = record(AttemptOutcome.FAILED, seconds=0.09, cause=cause(CauseKind.CHECK), failures=(failure,))
    place = {"suite": "search", "target": "catalog", "file": "suites/search.yaml", "line": 77, "tool": "search"}
    return case(f"search/{name}", TestOutcome.FAILED, entry, **place)


def flaky(name: str) -> TestReport:
    first = record(
        AttemptOutcome.TIMEOUT, seconds=2, cause=cause(CauseKind.TIME_LIMIT, "no answer within 2 s"), worker="w03"
    )
    second = PASSED.model_copy(update={"lease": 2})
    return case(f"search/{name}", TestOutcome.FLAKY, first, second, suite="search", target="catalog", tool="search")


def green() -> RunReport:
    slow = record(AttemptOutcome.PASSED, seconds=41.8)
    export = case("export/full-dump", TestOutcome.PASSED, slow, suite="export", target="reports")
    return run_of(*passes(299), export, exit_code=0)


def three_causes() -> RunReport:
    text = CheckFailure(check="value", path="content[0].text", expected='"Found 3 items"', actual='"Found 3 item(s)"')
    tests = [
        *(dear(name) for name in ("list-large", "list-page-2", "list-page-3", "list-all")),
        *(late(name) for name in ("full-dump", "full-dump[format=csv]")),
        wrong(text, "plural"),
        *(flaky(name) for name in ("empty-query", "unicode")),
        *passes(291),
    ]
    report = run_of(*tests)
    *new, known = find_causes(report.tests)
    old = {"state": CauseState.STILL, "since_run": "8e01d4", "since_at": START - timedelta(days=6)}
    return report.model_copy(update={"causes": (*new, known.model_copy(update=old))})


def dead_server() -> RunReport:
    down = {"suite": "pay", "target": "billing", "file": "suites/pay.yaml", "line": 7}
    stderr = "\n".join(f"line {n}" for n in range(7)) + "\nModuleNotFoundError: No module named 'stripe'\n"
    said = cause(CauseKind.SERVER_UNAVAILABLE, "the server ended before it answered (exit code 1 after 0.8 s)")
    tried = [
        case(
            f"pay/{n}",
            TestOutcome.ERROR,
            record(AttemptOutcome.ERROR, seconds=0.8, cause=said, stderr_tail=stderr, worker=f"w{n}"),
            reason=str(said),
            **down,
        )
        for n in (2, 5, 11)
    ]
    untried = [
        case(f"pay/{n}", TestOutcome.ERROR, cause=CauseKind.SERVER_UNREACHABLE, reason=UNTRIED, **down)
        for n in range(20, 58)
    ]
    return run_of(*tried, *untried, *passes(259))


def only_flaky() -> RunReport:
    return run_of(*(flaky(name) for name in ("empty-query", "unicode")), *passes(298), exit_code=0)


def interrupted() -> RunReport:
    stopped = [case(f"t/{n}", TestOutcome.CANCELLED, reason="interrupted by SIGINT") for n in range(6)]
    left = [case(f"u/{n}", TestOutcome.NOT_RUN, reason="interrupted by SIGINT") for n in range(152)]
    tests = [dear("list-large"), dear("list-page-2"), flaky("empty-query"), *stopped, *left, *passes(139)]
    return run_of(*tests, finished_at=START + timedelta(seconds=51), exit_code=6)


def differences() -> RunReport:
    """Values that are long, deep, of other types, alike, or missing."""
    kinds = (
        CheckFailure(check="value", path="result.total", expected="10", actual='"10"', actual_type="string"),
        CheckFailure(check="required", path="result.id", expected="a value", actual="nothing", actual_type="absent"),
        CheckFailure(check="value", path="text", expected=f'"{ANSWER}"', actual=f'"{ANSWER.replace("4711", "4712")}"'),
        CheckFailure(check="value", path="text", expected='"' + "a" * 90 + '"', actual='"' + "b" * 90 + '"'),
        CheckFailure(
            check="snapshot",
            expected="the snapshot",
            actual="another answer",
            diff="~ items[3].price  1000..1204.5\n- items[4]\n+ items[9]  {}\n! id  number, got string",
        ),
        CheckFailure(check="value", path="token", expected="1", actual="2", step="step 2 (login)"),
    )
    warned = record(AttemptOutcome.PASSED, warnings=(CheckFailure(check="min", path="$.n", expected="1", actual="0"),))
    return run_of(
        *(wrong(failure, f"t{n}") for n, failure in enumerate(kinds)),
        case("list/warned", TestOutcome.PASSED, warned, warned=True),
    )


ENDINGS = {
    "all green": green(),
    "seven failures, three causes": three_causes(),
    "a server that cannot start": dead_server(),
    "flaky only": only_flaky(),
    "interrupted": interrupted(),
    "expected and got": differences(),
    "every outcome": every_outcome(),
}
