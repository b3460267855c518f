"""A path that selects several values: when each of them is judged, and when their array."""

from typing import Any

import pytest

from harness.checks.answer import Answer
from harness.checks.judge import judge
from harness.checks.table import FIELD_CHECKS, PER_VALUE
from harness.models.expected import Expected

ITEMS = [{"id": "a", "price": 5}, {"id": "b", "price": 50}, {"price": 7}, {"id": None, "price": "9"}]


def failed(field: dict[str, Any], items: Any = ITEMS) -> list[tuple[str, str, str]]:
    """Check, path and actual of every failure."""
    expected = Expected.model_validate({"subject": "content", "fields": [field], "max_validation_errors": 1000})
    judgement = judge(expected, Answer(result={"structuredContent": {"items": items}}))
    return [(failure.check, failure.path, failure.actual) for failure in judgement.failures]


def test_a_check_that_no_array_satisfies_judges_each_and_names_it() -> None:
    assert failed({"path": "items[*].price", "max": 10}) == [
        ("max", "items[1].price", "50"),
        ("max", "items[3].price", '"9" (string)'),
    ]
    assert failed({"path": "$.items[*].id", "not_null": True}) == [("not_null", "$.items[3].id", "null")]


def test_other_checks_judge_the_array() -> None:
    assert failed({"path": "items[*].id", "value": ["a", "b", None], "array_length": 3, "contains": "b"}) == []
    assert failed({"path": "items[*].id", "field_type": "string"}) == [
        ("field_type", "items[*].id", '["a", "b", null] (array)')
    ]


def test_both_kinds_stand_side_by_side() -> None:
    assert failed({"path": "items[:2].price", "array_length": 2, "min": 6}) == [("min", "items[0].price", "5")]


def test_a_single_value_is_judged_as_itself() -> None:
    assert failed({"path": "items[*].price", "value": 5}, ITEMS[:1]) == []
    assert failed({"path": "items[*].price", "array_length": 1}, ITEMS[:1]) == [
        ("array_length", "items[*].price", "5 (number)")
    ]


def test_each_makes_every_check_judge_each_and_misses_what_is_not_there() -> None:
    assert failed({"path": "items[*].id", "each": True, "field_type": "string"}) == [
        ("required", "items[2].id", "nothing; the answer has items"),
        ("field_type", "items[3].id", "null"),
    ]
    assert failed({"path": "items[*].id", "each": True, "exists": True}) == [
        ("exists", "items[2].id", "nothing; the answer has items")
    ]
    assert failed({"path": "items[*].gone", "each": True, "exists": False}) == []
    assert failed({"path": "items[*].id", "each": True, "one_of": ["a"], "required": False}) == [
        ("one_of", "items[1].id", '"b"'),
        ("one_of", "items[3].id", "null"),
    ]


def test_each_of_nothing_is_nothing() -> None:
    assert failed({"path": "items[*].id", "each": True, "min": 1}, []) == [
        ("required", "items[*].id", "nothing; the answer has items")
    ]


def test_not_each_makes_an_array_even_of_one() -> None:
    assert failed({"path": "items[*].price", "each": False, "array_length": 1, "value": [5]}, ITEMS[:1]) == []
    assert failed({"path": "items[*].price", "each": False, "max": 100}) == [
        ("max", "items[*].price", '[5, 50, 7, "9"] (array)')
    ]
    assert failed({"path": "items[0].price", "each": False, "value": 5}) == []


@pytest.mark.parametrize("check", sorted(PER_VALUE))
def test_what_judges_each_by_itself_is_a_check(check: str) -> None:
    assert check in FIELD_CHECKS


def test_hostile_names_are_written_so_that_they_can_be_read() -> None:
    rows = {"a'b\\": 20, "a b": 21, "\x1b": 22, "ok-1": 23, "x" * 500: 24}

    places = [path for _, path, _ in failed({"path": "items.*", "max": 1}, rows)]

    assert places[:4] == [r"items['a\'b\\']", "items['a b']", r"items['\x1b']", "items.ok-1"]
    assert len(places[4]) == 200


def test_a_thousand_of_a_hundred_thousand_are_listed_and_the_others_counted() -> None:
    expected = Expected.model_validate({"fields": [{"path": "$..items[*]", "max": 1}], "max_validation_errors": 1000})

    judgement = judge(expected, Answer(result={"structuredContent": {"items": list(range(50_000))}}))

    assert (len(judgement.failures), judgement.left_out) == (1000, 48_998)
