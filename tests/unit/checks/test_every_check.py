"""For every check kind and option: answers that pass, and mutations of them that make exactly that check fail."""

from typing import Any

import pytest

from harness.checks.answer import Answer
from harness.checks.given import WRITTEN
from harness.checks.judge import judge
from harness.checks.table import ANSWER_CHECKS, ANSWER_OPTIONS, END_CHECKS, FIELD_CHECKS, FIELD_OPTIONS
from harness.models.expected import Expected, FieldExpectation
from tests.unit.checks.rows import (
    ANSWER_ROWS,
    FIELD_ROWS,
    NOTHING,
    OPTION_ROWS,
    PATH,
    AnswerRow,
    Row,
    holding,
    saying,
)

ALL_FIELD_ROWS = (*FIELD_ROWS, *OPTION_ROWS)


@pytest.mark.parametrize(("row", "value"), [(row, value) for row in ALL_FIELD_ROWS for value in row.good])
def test_a_value_as_expected_passes(row: Row, value: Any) -> None:
    judgement = judge(row.expected, holding(value))

    assert (judgement.failures, judgement.warnings) == ((), ())
    assert (row.check, PATH) in {(held.check, held.path) for held in judgement.held}


@pytest.mark.parametrize(("row", "value"), [(row, value) for row in ALL_FIELD_ROWS for value in row.bad])
def test_a_mutated_value_fails_that_check(row: Row, value: Any) -> None:
    (failure,) = judge(row.expected, holding(value)).failures

    assert (failure.check, failure.path) == (row.check, PATH)
    assert failure.expected
    assert failure.actual
    assert failure.actual_type


@pytest.mark.parametrize("row", [row for row in ALL_FIELD_ROWS if row.bad])
def test_a_failure_says_what_was_expected_and_what_came(row: Row) -> None:
    (failure,) = judge(row.expected, holding(row.bad[0])).failures

    assert (failure.expected, failure.actual) == row.says


@pytest.mark.parametrize("row", [row for row in ALL_FIELD_ROWS if (row.check, row.wanted) != ("exists", False)])
def test_a_missing_value_fails(row: Row) -> None:
    (failure,) = judge(row.expected, NOTHING).failures

    assert (failure.check, failure.path) == ("exists" if row.check == "exists" else "required", PATH)
    assert (failure.actual, failure.actual_type) == (
        "nothing; the answer has isError, content, structuredContent",
        "absent",
    )


@pytest.mark.parametrize("row", [row for row in FIELD_ROWS if row.check != "exists"])
def test_a_missing_value_that_is_not_required_is_a_warning_that_is_shown(row: Row) -> None:
    optional = {"path": PATH, row.check: row.wanted, "required": False, **row.also}

    judgement = judge(Expected.model_validate({"fields": [optional]}), NOTHING)

    assert judgement.failures == ()
    assert [(warning.check, warning.path, warning.actual_type) for warning in judgement.warnings] == [
        ("required", PATH, "absent")
    ]


@pytest.mark.parametrize("row", [row for row in FIELD_ROWS if row.bad])
def test_a_check_that_only_warns_does_not_fail_unless_it_is_strict(row: Row) -> None:
    warning = {"path": PATH, row.check: row.wanted, "severity": "warning", **row.also}

    judgement = judge(Expected.model_validate({"fields": [warning]}), holding(row.bad[0]))

    assert (judgement.failures, [each.check for each in judgement.warnings]) == ((), [row.check])
    strict = judge(Expected.model_validate({"fields": [warning], "strict_mode": True}), holding(row.bad[0]))
    assert (strict.failures[0].check, strict.warnings) == (row.check, ())


def test_that_nothing_exists_holds_where_nothing_does() -> None:
    judgement = judge(Expected.model_validate({"fields": [{"path": PATH, "exists": False}]}), NOTHING)

    assert (judgement.failures, [held.check for held in judgement.held]) == ((), ["error", "exists"])


@pytest.mark.parametrize(("row", "answer"), [(row, answer) for row in ANSWER_ROWS for answer in row.good])
def test_an_answer_as_expected_passes(row: AnswerRow, answer: Answer) -> None:
    judgement = judge(row.expected, answer, row.inputs)

    assert (judgement.failures, judgement.warnings, judgement.new_snapshot) == ((), (), None)
    assert WRITTEN.get(row.check, row.check) in {held.check for held in judgement.held}


@pytest.mark.parametrize(("row", "answer"), [(row, answer) for row in ANSWER_ROWS for answer in row.bad])
def test_a_mutated_answer_fails_that_check(row: AnswerRow, answer: Answer) -> None:
    failures = judge(row.expected, answer, row.inputs).failures

    assert {failure.check for failure in failures} - {"required"} == {WRITTEN.get(row.check, row.check)}


@pytest.mark.parametrize("row", [row for row in ANSWER_ROWS if row.bad])
def test_a_failure_of_an_answer_names_place_expected_and_actual(row: AnswerRow) -> None:
    failure = judge(row.expected, row.bad[0], row.inputs).failures[0]

    assert (failure.path, failure.expected, failure.actual) == row.says


def options_in(rows: tuple[Row, ...]) -> set[str]:
    return {key for row in rows for key in (*row.also, *row.terms)}


def test_every_key_of_a_field_is_a_check_with_rows_or_an_option_that_is_tested() -> None:
    assert set(FieldExpectation.model_fields) == {*FIELD_CHECKS, *FIELD_OPTIONS}
    assert {row.check for row in FIELD_ROWS if row.good or row.wanted is False} == set(FIELD_CHECKS)
    assert {row.check for row in FIELD_ROWS if row.bad} == set(FIELD_CHECKS)
    elsewhere = {"path", "required", "severity", "each"}  # above, and in test_several_values.py
    assert set(FIELD_OPTIONS) - elsewhere <= options_in(OPTION_ROWS)


def test_every_key_of_an_expectation_is_a_check_with_rows_or_an_option_that_is_tested() -> None:
    checks = {*END_CHECKS, *ANSWER_CHECKS, "snapshot"}
    assert set(Expected.model_fields) == {*checks, *ANSWER_OPTIONS}
    assert {row.check for row in ANSWER_ROWS if row.good} == checks
    assert {row.check for row in ANSWER_ROWS if row.bad} == checks
    written = {key for row in ANSWER_ROWS for key in row.wanted} | options_in(OPTION_ROWS)
    elsewhere = {"continue_on_validation_error", "max_validation_errors"}  # in test_judge.py
    assert set(ANSWER_OPTIONS) - elsewhere <= written


def test_what_a_server_gives_away_is_not_shown_again() -> None:
    expected = Expected.model_validate({"security_constraints": [{"constraint_type": "no_passwords"}]})

    judgement = judge(expected, saying("password=hunter2"))

    assert "hunter2" not in str(judgement)
