"""What is told of tests as they end."""

from typing import Any

import pytest

from harness.models.attempt import CheckFailure, SessionFacts
from harness.models.evidence import Evidence, Exchange
from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from harness.models.run import AttemptReport, RunningTest, TestReport
from scheduler.console.cli.telling import MAX_BAD, PER_CAUSE, Telling, Verbosity
from scheduler.console.cli.terminal import Look
from scheduler.reports.levels import Level
from scheduler.reports.slow import SlowTerms
from tests.unit.console.cli.reports import finished, record

PRICE = CheckFailure(check="max", path="$.items[3].price", expected="at most 1000", actual="1204.5")
SPOKE = SessionFacts(session_id="s", position=0)


def telling(show: Level = Level.SLOW, look: Look | None = None, **members: Any) -> Telling:
    return Telling(look or Look(width=120), Verbosity(show, **members), SlowTerms())


def failed(number: int = 0, failure: CheckFailure = PRICE, **members: Any) -> TestReport:
    test = finished(TestOutcome.FAILED, record(failure), number=number)
    return test.model_copy(update={"cause": CauseKind.CHECK, **members})


def down(number: int, target: str = "orders") -> TestReport:
    test = finished(TestOutcome.ERROR, number=number, reason="server unavailable: exit code 1")
    return test.model_copy(update={"cause": CauseKind.SERVER_UNAVAILABLE, "target": target})


def test_a_failure_is_one_line_with_its_reason() -> None:
    assert telling().lines(failed()) == [
        "  FAIL       0.41s  checkout/orders/list/large-0   max at $.items[3].price: expected at most 1000, got 1204.5"
    ]


def test_where_there_is_no_room_the_reason_stands_below() -> None:
    assert telling(look=Look(width=80)).lines(failed()) == [
        "  FAIL       0.41s  checkout/orders/list/large-0",
        "                   max at $.items[3].price: expected at most 1000, got 1204.5",
    ]


def test_the_first_of_each_cause_are_told_then_they_are_counted() -> None:
    told = telling()
    lines = [line for number in range(1000) for line in told.lines(failed(number))]
    other = told.lines(failed(1000, PRICE.model_copy(update={"path": "$.cost"})))

    assert len(lines) == PER_CAUSE + 1
    assert lines[-1] == "  more of cause c1a073471: only counted from here"
    assert (len(other), told.causes) == (1, 2)


def test_very_many_causes_do_not_drown_the_first() -> None:
    told = telling()
    paths = [PRICE.model_copy(update={"path": f"$.p{number}"}) for number in range(MAX_BAD + 50)]
    lines = [line for number, failure in enumerate(paths) for line in told.lines(failed(number, failure))]

    assert len(lines) == MAX_BAD + 1
    assert lines[-1] == "  more tests did not pass: only counted"


def test_a_server_that_is_down_is_one_line_and_so_is_its_coming_back() -> None:
    told = telling()
    lines = [line for number in range(40) for line in told.lines(down(number))]
    spoke = record(outcome=AttemptOutcome.PASSED).model_copy(update={"session": SPOKE})
    back = told.lines(finished(TestOutcome.PASSED, spoke))

    assert lines == [
        "  DOWN             orders did not start: exit code 1. Its tests are only counted. [c5374aada]",
    ]
    assert back == ["  UP               orders answers again"]
    assert len(told.lines(down(41))) == 1


def test_another_server_that_is_down_has_its_own_line() -> None:
    told = telling()
    assert len([*told.lines(down(1)), *told.lines(down(2, "catalog"))]) == 2


@pytest.mark.parametrize(
    ("level", "told"),
    [
        (Level.NONE, []),
        (Level.FAIL, ["FAIL"]),
        (Level.FLAKY, ["FAIL", "FLAKY"]),
        (Level.SLOW, ["FAIL", "FLAKY", "SLOW"]),
        (Level.PASS, ["FAIL", "FLAKY", "PASS", "PASS", "SKIP"]),
    ],
)
def test_each_level_tells_more(level: Level, told: list[str]) -> None:
    slow = finished(TestOutcome.PASSED, number=3).model_copy(update={"duration_s": 12.0})
    tests = [
        failed(),
        finished(TestOutcome.FLAKY, number=1),
        finished(number=2),
        slow,
        finished(TestOutcome.SKIPPED, number=4),
    ]
    teller = telling(level)
    assert [line.split()[0] for test in tests for line in teller.lines(test)] == told


def test_verbose_tells_every_attempt_of_a_test_that_was_run_again() -> None:
    tries = (record(PRICE), record(outcome=AttemptOutcome.PASSED, lease=2))
    assert telling(Level.PASS, with_attempts=True).lines(finished(TestOutcome.FLAKY, *tries))[2:] == [
        "                   attempt 1  FAIL       0.41s   max at $.items[3].price: expected at most 1000, got 1204.5   "
        "worker w",
        "                   attempt 2  PASS       0.41s   worker w",
    ]


def test_very_verbose_tells_requests_and_answers_where_they_were_kept() -> None:
    kept = Evidence(
        exchanges=(
            Exchange(method="tools/call", name="list", request={"limit": 5}, response={"items": [1]}, took_s=0.012),
            Exchange(step="cleanup 1", method="tools/call", name="drop", request={}),
        )
    )
    verbosity = Verbosity(Level.PASS, with_exchanges=True)
    teller = Telling(Look(width=120), verbosity, SlowTerms(), lambda digest: kept if digest == "d1" else None)
    entry = record(outcome=AttemptOutcome.PASSED).model_copy(update={"evidence": "d1"})

    assert teller.lines(finished(TestOutcome.PASSED, entry))[1:] == [
        '                   > tools/call list {"limit": 5}',
        '                   < 0.01s {"items": [1]}',
        "                   > cleanup 1: tools/call drop {}",
    ]


def test_a_test_that_runs_too_long_is_told_once() -> None:
    teller = telling()
    slow = RunningTest(number=1, test_id="default/s/t/x", for_s=12.0)
    assert teller.slow_lines(slow) == ["  SLOW      >10.0s  s/t/x   still running"]
    assert teller.slow_lines(slow) == []
    assert teller.slow_lines(slow.model_copy(update={"number": 2, "for_s": 9.9})) == []
    assert telling(Level.FLAKY).slow_lines(slow) == []


@pytest.mark.parametrize("repeated", [1, 5])
def test_what_a_server_says_can_neither_move_the_cursor_nor_speak_to_ci(repeated: int) -> None:
    hostile = "::error::gone\x1b[2J\u202e\r\n::set-output name=x::y" * repeated
    failure = CheckFailure(check="value", path=hostile, expected=hostile, actual=hostile)
    kept = Evidence(exchanges=(Exchange(method=hostile, name=hostile, request=hostile, response={hostile: hostile}),))
    entry = record(failure, stderr_tail=hostile).model_copy(update={"evidence": "d", "worker": hostile})
    test = finished(TestOutcome.FAILED, entry, entry, reason=hostile)
    teller = Telling(Look(), Verbosity(Level.PASS, False, True, True), SlowTerms(), lambda digest: kept)
    unavailable = test.model_copy(update={"cause": CauseKind.SERVER_UNAVAILABLE, "target": hostile})
    lines = [*teller.lines(test), *teller.lines(unavailable)]

    assert not any(character in "".join(lines) for character in "\x1b\r\n\u202e")
    assert not any(line.strip().startswith("::") for line in lines)


def test_stale_and_superseded_records_do_not_speak() -> None:
    test = finished(TestOutcome.FAILED).model_copy(
        update={
            "attempts": (
                AttemptReport(record=record(PRICE.model_copy(update={"path": "old"})), superseded=True),
                AttemptReport(record=record(PRICE)),
                AttemptReport(record=record(PRICE.model_copy(update={"path": "late"})), stale=True),
            )
        }
    )
    assert "max at $.items[3].price" in telling().lines(test)[0]


def test_colour_is_decoration() -> None:
    assert "\x1b[31;1mFAIL    \x1b[0m" in telling(look=Look(colour=True)).lines(failed())[0]
