"""When two JSON values are the same, and where they first differ."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.checks.budget import Budget, BudgetSpent
from harness.checks.equality import ABSENT, Difference, first_difference, same_json
from harness.checks.fingerprint import fingerprint
from harness.checks.terms import Terms


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


ON_TERMS = (
    (Terms(case_sensitive=False), {"a": "STRASSE"}, {"a": "straße"}, True),
    (Terms(case_sensitive=False), {"A": 1}, {"a": 1}, False),
    (Terms(trim_strings=True), [" a\n"], ["a"], True),
    (Terms(trim_strings=True), ["a  b"], ["a b"], False),
    (Terms(normalize_whitespace=True), ["a \n b"], ["a\tb"], True),
    (Terms(normalize_whitespace=True), [" a"], ["a"], False),
    (Terms(convert_types=True), [1, True, None, 1.5, 10**400], ["1", "true", "null", "1.5", hex(10**400)], True),
    (Terms(convert_types=True), ["1.10"], ["1.1"], False),
    (Terms(convert_types=True), [1.0], ["1.0"], False),
    (Terms(convert_types=True), [[]], ["[]"], False),
    (Terms(convert_types=True), [True], ["True"], False),
    (Terms(convert_types=True, case_sensitive=False), [True], ["True"], True),
    (Terms(tell_integers=True), [1], [1.0], False),
    (Terms(ignore_order=True), [1, [2, 3], {"k": [4, 5]}], [{"k": [5, 4]}, [3, 2], 1.0], True),
    (Terms(ignore_order=True), [1, 1, 2], [1, 2, 2], False),
    (Terms(ignore_order=True), [True], [1], False),
    (Terms(ignore_order=True), ["1"], [1], False),
    (Terms(ignore_order=True), [float("nan")], [float("nan")], False),
    (Terms(ignore_order=True), [{"a": 1, "b": 2}], [{"a": 2, "b": 1}], False),
    (Terms(ignore_order=True, convert_types=True, case_sensitive=False), [1, "Yes", True], ["TRUE", "yes", "1"], True),
    (Terms(ignore_order=True, tell_integers=True), [1, 2], [2, 1.0], False),
)


@pytest.mark.parametrize(("terms", "one", "other", "same"), ON_TERMS)
def test_terms_say_what_counts(terms: Terms, one: Any, other: Any, same: bool) -> None:
    assert same_json(one, other, Budget(), terms) is same
    assert same_json(other, one, Budget(), terms) is same
    assert (fingerprint(one, Budget(), terms) == fingerprint(other, Budget(), terms)) is same


SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from((0.0, 1.0, 1.5, "1", "a", "A", " a", "true"))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
)
TERMS = st.builds(
    Terms,
    case_sensitive=st.booleans(),
    trim_strings=st.booleans(),
    convert_types=st.booleans(),
    ignore_order=st.booleans(),
)


@given(VALUES, VALUES, TERMS)
def test_two_values_have_one_fingerprint_exactly_when_they_are_equal(one: Any, other: Any, terms: Terms) -> None:
    assert (fingerprint(one, Budget(), terms) == fingerprint(other, Budget(), terms)) is same_json(
        one, other, Budget(), terms
    )


@given(st.lists(VALUES, max_size=5), TERMS, st.randoms())
def test_any_order_is_equal_where_order_does_not_count(items: list[Any], terms: Terms, random: Random) -> None:
    shuffled = random.sample(items, len(items))

    assert same_json(items, shuffled, Budget(), replace(terms, ignore_order=True))
