"""How the difference of two values is shown."""

from typing import Any

import pytest

from harness.checks.budget import Budget
from harness.checks.difference import difference
from harness.checks.judge import judge
from harness.checks.terms import EXACTLY, Terms
from harness.checks.text_difference import text_difference
from harness.models.expected import Expected
from tests.unit.checks.rows import PATH, holding

NUMBERED = [f"line {number}" for number in range(1, 31)]


def of(expected: Any, actual: Any, terms: Terms = EXACTLY) -> list[str]:
    return difference(expected, actual, terms, Budget()).split("\n")


@pytest.mark.parametrize(
    ("one", "other"), [("abc", "abd"), (1, 2), (None, []), ([], {}), ("a", 1), ("a" * 60, "b" * 60)]
)
def test_short_values_and_other_types_stand_beside_each_other_without_help(one: Any, other: Any) -> None:
    assert of(one, other) == [""]


def test_one_long_line_is_cut_around_what_differs() -> None:
    text = "x" * 50 + "Found 3 item{} in the whole of the catalogue" + "y" * 50

    assert text_difference(text.format("s"), text.format("(s)")) == (
        "- ...xxxxxxxxFound 3 items in the whole of the...\n"
        "+ ...xxxxxxxxFound 3 item(s) in the whole of the...\n"
        "                         ^^^"
    )


def test_several_lines_are_a_unified_diff() -> None:
    changed = [*NUMBERED[:9], "line ten", *NUMBERED[10:25], *NUMBERED[26:]]

    assert text_difference("\n".join(NUMBERED), "\n".join(changed)).split("\n") == [
        "@@ -8,5 +8,5 @@",
        "  line 8",
        "  line 9",
        "- line 10",
        "+ line ten",
        "  line 11",
        "  line 12",
        "@@ -24,5 +24,4 @@",
        "  line 24",
        "  line 25",
        "- line 26",
        "  line 27",
        "  line 28",
    ]


def test_blanks_are_marked_where_only_they_differ() -> None:
    assert text_difference("a\n b\tc\r", "a\n  b\tc").split("\n")[2:] == ["- ·b→c␍", "+ ··b→c"]


def test_more_than_twenty_lines_are_counted() -> None:
    lines = text_difference("\n".join("a" * 100), "\n".join("b" * 100)).split("\n")

    assert (len(lines), lines[-1]) == (21, "and 181 more lines")


def test_json_is_a_list_of_places() -> None:
    expected = {"a": 1, "b": {"c": [1, 2], "d": "x"}, "e": None, "gone": [0]}
    actual = {"e": 0, "a": 2, "b": {"d": "x", "c": [1, 3]}, "new.key": True}

    assert of(expected, actual) == [
        "~ a  1 .. 2",
        "~ b.c[1]  2 .. 3",
        "! e  null (null) .. 0 (number)",
        "- gone  [0]",
        "+ new.key  true",
    ]


def test_elements_are_matched_by_a_key_of_their_own() -> None:
    expected = [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}, {"id": 3}]
    actual = [{"id": 3}, {"id": 1, "n": "z"}, {"id": 4}]

    assert of(expected, actual) == ['~ [id=1].n  "a" .. "z"', '- [id=2]  {"id": 2, "n": "b"}', '+ [id=4]  {"id": 4}']


def test_without_such_a_key_equal_elements_are_matched_in_their_order() -> None:
    assert of(["a", "b", "c"], ["a", "x", "y", "b", "c"]) == [
        "~ the value  3 elements .. 5 elements",
        '+ [1]  "x"',
        '+ [2]  "y"',
    ]
    assert of(["a", "b", "c"], ["b", "c"]) == ["~ the value  3 elements .. 2 elements", '- [0]  "a"']


def test_arrays_of_one_length_are_matched_by_index() -> None:
    assert of([1, 2, 3], [1, 5, 3]) == ["~ [1]  2 .. 5"]


def test_where_order_does_not_count_only_what_has_no_equal_is_shown() -> None:
    assert of([1, 2, [3, 4]], [[4, 3], 7, 1], Terms(ignore_order=True)) == ["~ [1]  2 .. 7"]


def test_what_is_equal_on_the_terms_is_no_difference() -> None:
    assert of({"a": "X", "b": 1}, {"a": "x", "b": 2}, Terms(case_sensitive=False)) == ["~ b  1 .. 2"]
    assert of({"a": 1, "b": 1}, {"a": "1", "b": 2}, Terms(convert_types=True)) == ["~ b  1 .. 2"]


def test_ten_places_are_enough() -> None:
    assert of({str(n): n for n in range(30)}, {str(n): -1 for n in range(30)})[10:] == ["and more"]


def deep(depth: int, bottom: Any) -> Any:
    value: Any = bottom
    for _ in range(depth):
        value = {"a": value}
    return value


def test_depth_and_size_are_bounded() -> None:
    assert len(of(deep(10_000, 1), deep(10_000, 2))) == 1
    large = "\n".join(str(number) for number in range(300_000))
    assert text_difference(large, large + "!").startswith("1,988,889 characters .. 1,988,890 characters, different")
    alternating = "\n".join("ab" * 50_000)
    assert len(text_difference("c\n" + alternating, "d\n" + alternating[2:]).split("\n")) <= 21
    budget = Budget(50_000)
    difference(list(range(100_000)), list(range(1, 100_001)), EXACTLY, budget)
    assert budget.left > 40_000


def test_a_failure_of_value_carries_it() -> None:
    expected = Expected.model_validate({"fields": [{"path": PATH, "value": {"a": [1, 2], "b": 1}}]})

    (failure,) = judge(expected, holding({"a": [1, 3], "b": 2})).failures

    assert failure.diff == "~ a[1]  2 .. 3\n~ b  1 .. 2"
