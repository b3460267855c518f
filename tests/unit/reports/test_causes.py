"""Failures put together by what is wrong with them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.models.attempt import CheckFailure
from harness.models.causes import RunCause
from harness.models.outcomes import BAD, AttemptOutcome, CauseKind, TestOutcome
from harness.models.run import TestReport
from scheduler.reports.causes import MAX_CAUSES, find_causes
from tests.unit.reports.runs import DOWN, UNTRIED, case, cause, check, record

REFUSED = "JSON-RPC error -32000: connect ECONNREFUSED 10.0.0.7:5432"


def failed(number: int, failure: CheckFailure | None = None, **members: Any) -> TestReport:
    entry = record(AttemptOutcome.FAILED, cause=cause(CauseKind.CHECK), failures=(failure or check(),))
    return case(f"t/{number}", TestOutcome.FAILED, entry, **{"number": number, "tool": "list", **members})


def broken(number: int, kind: CauseKind, message: str, stderr: str = "", **members: Any) -> TestReport:
    entry = record(AttemptOutcome.ERROR, cause=cause(kind, message), stderr_tail=stderr)
    given = {"number": number, "reason": f"{kind}: {message}", **members}
    return case(f"t/{number}", TestOutcome.ERROR, entry, **given)


def refused(number: int, target: str, port: int = 5432) -> TestReport:
    said = CheckFailure(check="error", expected="no error", actual=REFUSED.replace("5432", str(port)))
    entry = record(AttemptOutcome.FAILED, cause=cause(CauseKind.UNEXPECTED_ERROR, said.actual), failures=(said,))
    return case(f"t/{number}", TestOutcome.FAILED, entry, number=number, tool="query", target=target)


def brief(causes: tuple[RunCause, ...]) -> list[tuple[str, tuple[str, ...], tuple[int, ...]]]:
    return [(found.title, found.targets, found.tests) for found in causes]


def parts(causes: tuple[RunCause, ...]) -> set[tuple[str, tuple[str, ...], frozenset[int]]]:
    return {(found.key, found.targets, frozenset(found.tests)) for found in causes}


def test_a_cause_is_told_with_an_example_and_all_its_tests() -> None:
    second = failed(2, check("7").model_copy(update={"path": "$.items[9].price"}))
    first = failed(1, check().model_copy(update={"path": "$.items[3].price"}))
    assert find_causes([second, first, case("fine", TestOutcome.PASSED)]) == (
        RunCause(
            cause_id="cd1018d15",
            key="d1018d15cfdb8af8",
            targets=("orders",),
            title="max at $.items[*].price",
            family="check · list",
            example=2,
            example_text="max at $.items[9].price: expected number of at most 1000, got 7",
            tests=(2, 1),
        ),
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"check": "min"},
        {"path": "$.cost"},
        {"actual_type": "string"},
        {"step": "step 2 (login)"},
    ],
)
def test_another_check_path_type_or_step_is_another_cause(changed: dict[str, str]) -> None:
    assert len(find_causes([failed(1), failed(2, check().model_copy(update=changed))])) == 2


def test_another_tool_or_server_is_another_cause() -> None:
    causes = find_causes([failed(1), failed(2, tool="get"), failed(3, target="catalog")])
    assert [found.tests for found in causes] == [(3,), (1,), (2,)]
    assert causes[0].key == causes[1].key != causes[2].key


def test_one_dead_server_is_one_cause_whatever_was_not_tried() -> None:
    untried = [
        case(f"t/{number}", TestOutcome.ERROR, number=number, reason=UNTRIED, cause=CauseKind.SERVER_UNREACHABLE)
        for number in range(399)
    ]
    (found,) = find_causes([*untried, broken(399, CauseKind.SERVER_UNAVAILABLE, "exit code 1", tool="x")])
    assert (found.title, found.is_server_down, found.example) == ("the server did not start", True, 399)
    assert (found.example_text, len(found.tests)) == ("server unavailable: exit code 1", 400)


NOT_INSTALLED = "install failed: `npm install` ended with exit code 1: E404"


@pytest.mark.parametrize(
    ("evidence", "kind"), [(DOWN, CauseKind.SERVER_UNAVAILABLE), (NOT_INSTALLED, CauseKind.INSTALL_FAILED)]
)
def test_a_server_that_no_test_of_this_run_tried_has_the_cause_that_others_saw(evidence: str, kind: CauseKind) -> None:
    reason = UNTRIED.replace(DOWN, evidence)
    given_up = case("t/1", TestOutcome.ERROR, reason=reason, cause=CauseKind.SERVER_UNREACHABLE)
    seen = case("t/2", TestOutcome.ERROR, number=2, reason=evidence.split(" (on")[0], cause=kind)
    assert find_causes([given_up])[0].key == find_causes([seen])[0].key
    assert [found.tests for found in find_causes([given_up, seen])] == [(2, 0)]


def test_three_servers_with_one_trouble_are_one_cause_and_two_are_two() -> None:
    tests = [refused(number, f"s{number}", 5000 + number) for number in range(3)]
    title = "unexpected error: JSON-RPC error -32000: connect ECONNREFUSED <addr>"
    assert brief(find_causes(tests)) == [(title, ("s0", "s1", "s2"), (0, 1, 2))]
    assert brief(find_causes(tests[:2])) == [(title, ("s0",), (0,)), (title, ("s1",), (1,))]


def test_short_or_empty_texts_never_join_servers() -> None:
    tests = [
        case(
            f"t/{number}",
            TestOutcome.TIMEOUT,
            record(AttemptOutcome.TIMEOUT, cause=cause(CauseKind.TIME_LIMIT, "no answer within 60 s")),
            number=number,
            tool="dump",
            target=f"s{number}",
        )
        for number in range(4)
    ]
    assert [found.targets for found in find_causes(tests)] == [("s0",), ("s1",), ("s2",), ("s3",)]


def test_servers_that_do_not_start_for_different_reasons_are_not_one() -> None:
    message = "the server ended: exit code 1"
    missing = [
        broken(n, CauseKind.SERVER_UNAVAILABLE, message, f"No module named '{name}'", target=f"s{n}")
        for n, name in enumerate(("stripe", "redis", "stripe", "stripe"))
    ]
    assert [found.targets for found in find_causes(missing)] == [("s0", "s2", "s3"), ("s1",)]


def test_what_was_lost_goes_by_worker_over_all_servers() -> None:
    lost = [
        case(
            f"t/{number}",
            TestOutcome.ERROR,
            record(AttemptOutcome.LOST, cause=cause(CauseKind.WORKER_LOST, "fell silent"), worker=worker),
            number=number,
            target=target,
            cause=CauseKind.INFRASTRUCTURE,
        )
        for number, (worker, target) in enumerate([("w7", "a"), ("w7", "b"), ("w9", "a")])
    ]
    assert brief(find_causes(lost)) == [
        ("lost with worker w7", ("a", "b"), (0, 1)),
        ("lost with worker w9", ("a",), (2,)),
    ]


def test_servers_come_before_checks_then_the_largest() -> None:
    tests = [
        failed(1),
        failed(2, tool="get"),
        failed(3, tool="get"),
        broken(4, CauseKind.SERVER_UNAVAILABLE, "exit code 1", target="z"),
    ]
    assert [found.tests for found in find_causes(tests)] == [(4,), (2, 3), (1,)]


def test_a_server_that_words_every_failure_anew_does_not_make_endless_causes() -> None:
    words = [f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}" for n in range(MAX_CAUSES + 500)]
    causes = find_causes([broken(n, CauseKind.PROTOCOL, f"bad {word}") for n, word in enumerate(words)])
    assert len(causes) == MAX_CAUSES + 1
    assert causes[0].title == "500 more causes of the kind 'protocol fault'"
    assert sum(len(found.tests) for found in causes) == len(words)


@given(st.lists(st.tuples(st.sampled_from(TestOutcome), st.sampled_from(CauseKind), st.sampled_from("abcd"))))
def test_every_test_that_did_not_pass_is_in_exactly_one_cause(rows: list[tuple[TestOutcome, CauseKind, str]]) -> None:
    tests = [
        case(f"t/{n}", outcome, number=n, cause=kind, target=target, reason=f"{kind}: the database is not there")
        for n, (outcome, kind, target) in enumerate(rows)
    ]
    causes = find_causes(tests)
    told = sorted(number for found in causes for number in found.tests)
    assert told == [test.number for test in tests if test.outcome in BAD]
    again = find_causes(list(reversed(tests)))
    assert parts(again) == parts(causes)
