"""Workers, and the attempts of one test, as lines."""

from typing import Any

from harness.models.attempt import Cause, CheckFailure, SessionFacts
from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from harness.models.run import AttemptReport, HeldTest, WorkerView
from scheduler.console.cli.attempt_list import history_lines
from scheduler.console.cli.worker_list import worker_lines
from tests.unit.console.cli.reports import finished, record


def worker(name: str, **members: Any) -> WorkerView:
    return WorkerView(**{"name": name, "live": True, "heard_s": 2.4, "pool": "default", **members})


def held(*names: str) -> tuple[HeldTest, ...]:
    return tuple(HeldTest(run_id="r", number=number, test_id=name) for number, name in enumerate(names))


def test_each_worker_is_one_line_with_the_first_tests_that_it_holds() -> None:
    busy = worker("w-1", host="a", pid=7, version="0.1.0", slots=16, holds=5, tests=held("default/s/t/x", "", "p/y"))
    gate = worker("w-2", slots=4, at_gate=2, holds=1)
    silent = WorkerView(name="w-3", live=False, heard_s=33)

    assert list(worker_lines([busy, gate, silent])) == [
        "worker  state   pool     host  pid  version  slots  holds  at gate  heard    tests",
        "w-1     live    default  a     7    0.1.0    16     5      0        2s ago   s/t/x, test 1 of run r, p/y "
        "and 2 more",
        "w-2     live    default                      4      1      2        2s ago",
        "w-3     silent                               0      0      0        33s ago",
    ]


def test_what_a_worker_says_of_itself_stays_on_its_line() -> None:
    lines = list(worker_lines([worker("w\n", host="\x1b[2J", version="\r", tests=held("\x07"), holds=1)]))

    assert len(lines) == 2
    assert lines[1].isprintable()


def test_every_attempt_is_one_line_with_why_it_did_not_pass() -> None:
    lost = record(outcome=AttemptOutcome.LOST).model_copy(
        update={"cause": Cause(kind=CauseKind.WORKER_LOST, message="worker w fell silent"), "worker": ""}
    )
    wrong = record(CheckFailure(check="value", path="$.x", expected="1", actual="2"), lease=2).model_copy(
        update={
            "cause": Cause(kind=CauseKind.CHECK),
            "session": SessionFacts(session_id="4f1c22", position=3),
            "request_written": True,
        }
    )
    passed = record(lease=3, outcome=AttemptOutcome.PASSED)
    test = finished(TestOutcome.FLAKY).model_copy(
        update={
            "attempts": (
                AttemptReport(record=lost, superseded=True),
                AttemptReport(record=wrong),
                AttemptReport(record=passed, stale=True, superseded=True),
            )
        }
    )
    assert list(history_lines(test)) == [
        "checkout/orders/list/large-0   number 0   suites/checkout.yaml:42",
        "flaky after 3 attempts",
        "lease  worker  started (UTC)        seconds  outcome  cause        request  session    flags             why",
        "1      -       2026-11-24 12:00:00  0.41s    lost     worker lost  -        -          superseded        "
        "worker w fell silent",
        "2      w       2026-11-24 12:00:00  0.41s    failed   check        written  4f1c22 #3  -                 "
        "value at $.x: expected 1, got 2",
        "3      w       2026-11-24 12:00:00  0.41s    passed   -            -        -          stale superseded",
    ]


def test_a_test_that_nobody_has_tried_says_so() -> None:
    test = finished().model_copy(update={"outcome": None})

    assert list(history_lines(test))[1:] == ["open after 0 attempts"]
