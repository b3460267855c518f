"""What one finished test looks like on the progress stream."""

import pytest

from harness.models.attempt import CheckFailure
from harness.models.outcomes import TestOutcome
from harness.models.run import AttemptReport
from scheduler.console.cli.result_lines import brief, counts, detail
from scheduler.console.cli.terminal import Look
from tests.unit.console.cli.reports import finished, record

PLAIN = Look()
PRICE = CheckFailure(check="max", path="$.items[3].price", expected="at most 1000", actual="1204.5")


def test_a_failure_shows_place_check_expected_actual_and_the_last_stderr_lines() -> None:
    test = finished(TestOutcome.FAILED, record(PRICE, stderr_tail="one\ntwo\nthree\nfour\nfive\n"))

    assert detail(test, PLAIN) == [
        "  FAIL       0.41s  checkout/orders/list/large-0",
        "                   suites/checkout.yaml:42",
        "                   max at $.items[3].price   expected at most 1000   got 1204.5",
        "                   stderr, last 4 of 5 lines:",
        "                     | two",
        "                     | three",
        "                     | four",
        "                     | five",
    ]


def test_long_texts_stand_under_each_other() -> None:
    test = finished(TestOutcome.FAILED, record(CheckFailure(check="value", expected="a" * 61, actual="b")))

    assert detail(test, PLAIN)[2:] == [
        "                   value",
        f"                     expected  {'a' * 61}",
        "                     got       b",
    ]


@pytest.mark.parametrize("repeated", [1, 5])
def test_what_a_server_says_can_neither_move_the_cursor_nor_speak_to_ci(repeated: int) -> None:
    hostile = "::error::gone\x1b[2J\u202e\r\n::set-output name=x::y" * repeated
    failure = CheckFailure(check="value", path=hostile, expected=hostile, actual=hostile)
    lines = detail(finished(TestOutcome.FAILED, record(failure, stderr_tail=hostile), reason=hostile), PLAIN)

    text = "\n".join(lines)
    assert not any(character in text for character in "\x1b\r\u202e")
    assert not any(line.strip().startswith("::") for line in lines)


def test_without_checks_the_reason_is_told() -> None:
    test = finished(TestOutcome.TIMEOUT, record(), reason="time limit: no answer within 2 s")

    assert detail(test, PLAIN)[2] == "                   time limit: no answer within 2 s"


def test_only_five_checks_are_told() -> None:
    lines = detail(finished(TestOutcome.FAILED, record(*[PRICE] * 9)), PLAIN)

    assert lines[-1] == "                   and 4 more checks"
    assert sum("max at" in line for line in lines) == 5


def test_stale_and_superseded_records_do_not_speak() -> None:
    test = finished(TestOutcome.FAILED).model_copy(
        update={
            "attempts": (
                AttemptReport(record=record(stderr_tail="superseded"), superseded=True),
                AttemptReport(record=record(stderr_tail="counts")),
                AttemptReport(record=record(stderr_tail="stale"), stale=True),
            )
        }
    )

    assert detail(test, PLAIN)[-1] == "                     | counts"


def test_a_flaky_test_says_why_on_one_line() -> None:
    assert brief(finished(TestOutcome.FLAKY, reason="passed on attempt 2"), PLAIN) == [
        "  FLAKY      0.41s  checkout/orders/list/large-0  passed on attempt 2"
    ]


def test_counts_name_what_occurred_in_a_fixed_order() -> None:
    assert counts({TestOutcome.FAILED: 1, TestOutcome.PASSED: 30, TestOutcome.ERROR: 0}, PLAIN) == "30 passed  1 failed"


def test_colour_is_decoration() -> None:
    assert "\x1b[31;1mFAIL    \x1b[0m" in detail(finished(TestOutcome.FAILED), Look(colour=True))[0]
