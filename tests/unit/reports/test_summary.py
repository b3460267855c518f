"""The summary for people, compared whole."""

import re
from pathlib import Path

import pytest

from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from harness.models.run import RunReport, RunState
from scheduler.reports.summary import render_summary
from tests.unit.reports.runs import HOSTILE, UNTRIED, case, cause, check, every_outcome, record, run_of

GOLDEN = Path(__file__).parent / "golden"


def summary(report: RunReport, width: int = 100) -> str:
    return render_summary(report, colour=False, width=width)


@pytest.mark.parametrize("width", [60, 100])
def test_a_run_with_every_outcome(width: int) -> None:
    assert summary(every_outcome(), width) == (GOLDEN / f"summary-{width}.txt").read_text()


def test_a_run_where_all_passed_says_little() -> None:
    tests = [case(f"list/{name}", TestOutcome.PASSED, record(AttemptOutcome.PASSED)) for name in "abc"]
    assert summary(run_of(*tests)) == (
        "PASSED       3 of 3 tests on 1 server in 1m52s\n"
        "             3 passed\n"
    )  # fmt: skip


def test_flaky_tests_leave_a_run_passed_and_are_listed() -> None:
    flaky = case(
        "list/a", TestOutcome.FLAKY, record(AttemptOutcome.FAILED, failures=(check(),)), record(AttemptOutcome.PASSED)
    )
    skipped = case("list/b", TestOutcome.SKIPPED, reason="skipped in the suite")
    assert summary(run_of(flaky, skipped)) == (
        "PASSED       1 of 2 tests on 1 server in 1m52s, 1 flaky\n"
        "             0 passed, 1 flaky, 1 skipped\n"
        "\n"
        "flaky        checkout/orders/list/a   passed on attempt 2; attempt 1: max at $.price: expected number of at "
        "most 1000, got 1204.5\n"
        "skipped      1  skipped in the suite\n"
    )


def test_a_server_that_does_not_start_is_one_entry_whatever_number_of_tests_it_has() -> None:
    broken = record(AttemptOutcome.ERROR, cause=cause(CauseKind.SERVER_UNAVAILABLE, "no such command"))
    tests = [
        case(f"t/{number}", TestOutcome.ERROR, broken, reason=str(broken.cause), file="", number=number)
        for number in range(1_041)
    ]
    assert summary(run_of(*tests)) == (
        "FAILED       1,041 of 1,041 tests on 1 server in 1m52s: no server could be started\n"
        "             0 passed, 1,041 error\n"
        "\n"
        "  ERROR      0.50s  checkout/orders/t/0\n"
        "                   server unavailable: no such command\n"
        "                   same: checkout/orders/t/1, checkout/orders/t/2, checkout/orders/t/3, "
        "checkout/orders/t/4, checkout/orders/t/5 and 1,035 more\n"
    )


def test_a_server_that_was_given_up_is_one_entry_with_the_start_that_failed() -> None:
    broken = record(AttemptOutcome.ERROR, cause=cause(CauseKind.SERVER_UNAVAILABLE, "exit code 1"), stderr_tail="no db")
    tried = case("t/399", TestOutcome.ERROR, broken, reason=str(broken.cause), file="", number=399)
    given_up = {"cause": CauseKind.SERVER_UNREACHABLE, "file": ""}
    untried = [
        case(f"t/{number}", TestOutcome.ERROR, number=number, reason=f"{UNTRIED} {number // 200}", **given_up)
        for number in range(399)
    ]
    assert summary(run_of(*untried, tried)) == (
        "FAILED       400 of 400 tests on 1 server in 1m52s: no server could be started\n"
        "             0 passed, 400 error\n"
        "\n"
        "  ERROR      0.50s  checkout/orders/t/399\n"
        "                   server unavailable: exit code 1\n"
        "                   stderr:\n"
        "                     | no db\n"
        "                   same: checkout/orders/t/0, checkout/orders/t/1, checkout/orders/t/2, checkout/orders/t/3, "
        "checkout/orders/t/4 and 394 more\n"
        f"                   399 of these 400 were not tried: {UNTRIED} 0\n"
    )


def test_a_deadline_is_told_once_with_the_number_of_tests_that_it_left() -> None:
    reason = "the run's deadline of 600 s passed with 300 of 301 tests missing"
    missing = [case(f"t/{number}", TestOutcome.NOT_RUN, reason=reason, number=number) for number in range(300)]
    passed = case("a", TestOutcome.PASSED, record(AttemptOutcome.PASSED))
    assert summary(run_of(passed, *missing, retries=1)) == (
        "INCOMPLETE   1 of 301 tests have a result on 1 server in 1m52s\n"
        "             1 passed, 300 not run; 1 retry used\n"
        "\n"
        f"not run      300  {reason}\n"
    )


def test_a_run_that_goes_on_is_incomplete() -> None:
    report = run_of(
        case("a", TestOutcome.PASSED, record(AttemptOutcome.PASSED)),
        case("b", None),
        finished_at=None,
        state=RunState.RUNNING,
    )
    assert summary(report) == (
        "INCOMPLETE   1 of 2 tests have a result on 1 server\n"
        "             1 passed, 1 open\n"
    )  # fmt: skip


def test_more_than_a_person_reads_is_counted() -> None:
    tests = [
        case(f"t/{number}", TestOutcome.FAILED, record(AttemptOutcome.FAILED, failures=(check(str(number)),) * 9))
        for number in range(35)
    ]
    tests[1] = tests[1].model_copy(update={"outcome": TestOutcome.TIMEOUT, "attempts": tests[0].attempts})
    text = summary(run_of(*tests, warnings=tuple(f"w{number}" for number in range(30))))
    assert (text.count("  FAIL "), text.count("  TIMEOUT ")) == (19, 1)
    assert "  and 15 more that did not pass\n" in text
    assert "                   and 4 more checks\n" in text
    assert "warning      w0\nwarning      w1\n" in text
    assert text.endswith("warning      w9\nwarning      and 20 more\n")


def test_text_of_others_stays_behind_our_words_and_is_escaped() -> None:
    text = summary(hostile_run())
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800\ufffe]", text)
    ours = r"(FAILED|flaky|skipped|not run|warning)  |  (FAIL|ERROR)  | {13}\d| {19}\S| {21}(expected|got|\|) |$"
    assert [line for line in text.split("\n") if not re.match(ours, line)] == []


def test_no_line_is_a_command_to_a_ci_system() -> None:
    tests = [case("t", TestOutcome.ERROR, reason=f"{mark}error::x", file=f"{mark}a") for mark in ("::", "##[")]
    text = summary(run_of(*tests))
    assert not re.search(r"^\s*(::|##\[)", text, re.MULTILINE)
    assert "\n                   | ::error::x\n" in text


def hostile_run() -> RunReport:
    """Every text that can come from outside is hostile."""
    bad = {"check": HOSTILE, "path": HOSTILE, "expected": HOSTILE, "actual": HOSTILE}
    failures = (check().model_copy(update=bad),)
    failed = record(AttemptOutcome.FAILED, failures=failures, stderr_tail=HOSTILE, answer=HOSTILE)
    error = record(AttemptOutcome.ERROR, cause=cause(CauseKind.PROTOCOL, HOSTILE), stderr_tail=HOSTILE)
    names = {"suite": HOSTILE, "target": HOSTILE, "file": HOSTILE, "reason": HOSTILE}
    return run_of(
        case(HOSTILE, TestOutcome.FAILED, error, failed, **names),
        case(HOSTILE, TestOutcome.ERROR, error, **names),
        case(HOSTILE, TestOutcome.FLAKY, failed, record(AttemptOutcome.PASSED), **names),
        case(HOSTILE, TestOutcome.SKIPPED, **names),
        case(HOSTILE, TestOutcome.NOT_RUN, **names),
        name=HOSTILE,
        warnings=(HOSTILE,),
    )


def test_colour_decorates_our_words_and_changes_no_text() -> None:
    report = every_outcome()
    coloured = render_summary(report, colour=True, width=100)
    assert coloured.startswith("\x1b[34;1mCANCELLED\x1b[0m    12 of 15 tests")
    assert "\n  \x1b[31;1mFAIL\x1b[0m       0.50s" in coloured
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == summary(report)
