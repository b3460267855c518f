"""When two JSON values are the same, and where they first differ."""

from typing import Any

import pytest

from harness.checks.budget import Budget, BudgetSpent
from harness.checks.equality import ABSENT, Difference, first_difference, same_json


def nested(depth: int, bottom: Any) -> Any:
    value = bottom
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True),
        (True, 1, False),
        (0, False, False),
        (None, False, False),
        ("1", 1, False),
        ([], {}, False),
        ("é", "e\u0301", False),
        (float("nan"), float("nan"), False),
        (10**400, 10**400, True),
        (10**400, float("inf"), False),
        ({"a": [1, {"b": None}]}, {"a": [1.0, {"b": None}]}, True),
        ({"a": None}, {"b": None}, False),
    ],
)
def test_types_matter_except_for_whole_numbers(one: Any, other: Any, same: bool) -> None:
    assert same_json(one, other, Budget()) is same
    assert same_json(other, one, Budget()) is same


def test_the_first_difference_in_document_order_is_named() -> None:
    left = {"a": 1, "b": [1, {"c": 2}], "d": 3}
    assert first_difference(left, {"a": 1, "b": [1, {"c": 4}], "d": 5}, Budget()) == Difference(("b", 1, "c"), 2, 4)
    assert first_difference(left, {"a": 1, "d": 3}, Budget()) == Difference(("b",), left["b"], ABSENT)
    assert first_difference({}, {"a": 1}, Budget()) == Difference(("a",), ABSENT, 1)


def test_depth_is_no_obstacle() -> None:
    assert same_json(nested(100_000, 1), nested(100_000, 1.0), Budget())
    difference = first_difference(nested(100_000, 1), nested(100_000, 2), Budget())
    assert difference == Difference(("a",) * 100_000, 1, 2)


def test_comparing_costs_what_it_looks_at() -> None:
    with pytest.raises(BudgetSpent):
        same_json(list(range(1_000)), list(range(1_000)), Budget(500))
    with pytest.raises(BudgetSpent):
        same_json("a" * 1_000_000, "a" * 1_000_000, Budget(500))
    assert not same_json(list(range(1_000)), list(range(999)), Budget(500))
