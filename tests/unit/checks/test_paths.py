"""What paths mean: RFC 9535, dot paths, and the one rule of the seed."""

from typing import Any

import jsonpath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.checks.budget import Budget, BudgetSpent
from harness.checks.paths import compile_path

RESULT: dict[str, Any] = {
    "content": [{"type": "text", "text": "one"}, {"type": "image", "data": "aGk=", "n": 2}],
    "isError": False,
    "flags": [False, 0, None, ""],
    "structuredContent": {"mime-type": "a/b", "a b": {"c": [1, 2, 3]}, "0": "zero"},
}


@pytest.mark.parametrize(
    ("path", "selected"),
    [
        ("", [RESULT]),
        ("$", [RESULT]),
        ("$[0].text", ["one"]),
        ("[0].text", ["one"]),
        ("$[-1].n", [2]),
        ("$[0:2].type", ["text", "image"]),
        ("$[0,1].type", ["text", "image"]),
        ("$.content[0].text", ["one"]),
        ("content[0].text", ["one"]),
        (".content[0].text", ["one"]),
        ("structuredContent.mime-type", ["a/b"]),
        ("$.structuredContent['a b'].c[::-1]", [3, 2, 1]),
        ("$.structuredContent['a b'].c[::0]", []),
        ("$.structuredContent[0]", []),
        ("$.isError[0:1]", []),
        ("$.structuredContent.mime-type[0:1]", []),
        ("$.nothing.at.all", []),
        ("$.content[7]", []),
        ("$.content[*].type", ["text", "image"]),
        ("$..n", [2]),
        ("$..[0]", [RESULT["content"][0], False, 1]),
        ("$.content[?@.n].type", ["image"]),
        ("$.content[?@.n > 1 && @.type != 'text'].n", [2]),
        ("$.content[?!@.n || @.n < 1].type", ["text"]),
        ("$.content[?@.n >= 2].n", [2]),
        ("$.content[?@.n <= 1].n", []),
        ("$.content[?@.absent == @.missing].type", ["text", "image"]),
        ("$.content[?length(@.text) == 3].text", ["one"]),
        ("$.content[?count(@.*) == 3].n", [2]),
        ("$.content[?value(@.n) == 2].n", [2]),
        ("$.content[?value(@.*) == 'text'].n", []),
        ("$.content[?match(@.text, 'o.e')].text", ["one"]),
        ("$.content[?match(@.text, 'n')].text", []),
        ("$.content[?search(@.text, 'n')].text", ["one"]),
        ("$.content[?@.n == $.content[1].n].type", ["image"]),
        ("$[?@.c]", []),
        ("$.flags[?@]", [False, 0, None, ""]),
        ("$.structuredContent[?@.c].c", [[1, 2, 3]]),
    ],
)
def test_a_path_selects_nodes_in_document_order(path: str, selected: list[Any]) -> None:
    assert compile_path(path).select(RESULT, Budget()) == selected


def test_an_index_after_the_root_means_the_content_of_the_result_and_nothing_else() -> None:
    assert compile_path("$[0]").select({"other": [1], "content": [2]}, Budget()) == [2]
    assert compile_path("$[0]").select({"other": [1]}, Budget()) == []
    assert compile_path("$['0']").select({"0": 1, "content": [2]}, Budget()) == [1]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("$[", "not a path: unexpected end of query in '$['"),
        ("a b", "not a path: unexpected token 'b' at character 3 of 'a b'"),
        ("$.a | $.b", "not a path: unexpected token '|' at character 5 of '$.a | $.b'"),
        (
            "$.content.length()",
            "not a path: unexpected token '(' at character 17 of '$.content.length()'; "
            "for lengths use min_length, max_length or array_length",
        ),
        (
            "content.0.text",
            "not a path: expected a shorthand selector at character 9 of 'content.0.text'; "
            "write [0] for an element of an array",
        ),
        ("$[?search(@.a, '(?=b)')]", "lookahead (?=…) is not supported"),
        ("$[?search(@.a, @.b)]", "search() takes its pattern as a text in quotes"),
        ("$[?count(@.a) && @.b]", "filter count(@['a']) is not a condition"),
        ("$[?" + "!" * 40 + "@.a]", "path is nested more than 32 deep"),
        ("$.x[?@.a == 1e400]", "not a path: a number in it is not one, or it is nested too deeply"),
        ("$" + ".a" * 500, "path is longer than 1000 characters"),
    ],
)
def test_a_path_that_cannot_be_read_is_refused_with_one_sentence(path: str, sentence: str) -> None:
    with pytest.raises(ValueError) as refusal:
        compile_path(path)
    assert str(refusal.value) == sentence


@given(st.text(max_size=40) | st.text("$.[]?@()'\"*,:!=<>&|0123456789eabc ", max_size=60))
def test_any_text_is_a_path_or_a_value_error(text: str) -> None:
    try:
        compile_path(text).select(RESULT, Budget())
    except ValueError:
        return


def test_a_boolean_is_neither_more_nor_less_than_a_number() -> None:
    assert compile_path("$.a[?@ <= 1]").select({"a": [False, True, 1]}, Budget()) == [1]
    assert compile_path("$.a[?@ >= 1]").select({"a": [False, True, 1]}, Budget()) == [1]


def test_paths_are_paid_for_by_the_nodes_they_visit() -> None:
    wide = {"content": [[0] * 100 for _ in range(100)]}
    assert len(compile_path("$..*").select(wide, Budget(50_000))) == 1 + 100 + 10_000
    with pytest.raises(BudgetSpent):
        compile_path("$..*").select(wide, Budget(10_000))
    with pytest.raises(BudgetSpent):
        compile_path("$.content[?count($..*) > 1]").select(wide, Budget(50_000))


SMALL_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from((0.5, 1.0)) | st.sampled_from(("", "a", "ab")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("a", "b", "c")), inner, max_size=3),
    max_leaves=15,
)
REFERENCE = jsonpath.JSONPathEnvironment(strict=True)
# Without <= and >= on numbers: the reference takes false and true for 0 and 1 there, RFC 9535 does not.
SAME_EVERYWHERE = (
    "$.a", "$.a.b", "$.*", "$.*.*", "$..a", "$..*", "$.a[0]", "$.a[-1]", "$..[1]", "$.*[0]", "$.a..b",
    "$['a','b']", "$['a','a']", "$.a[0,0]", "$..['a',0]", "$.a[?@.b]", "$.a[?!@.b]", "$.a[?@ > 0]",
    "$.a[?@ >= 'a']", "$.a[?@ < 'b']", "$.a[?@ <= 'b']", "$.a[?@ == null]", "$.a[?@ == 1]", "$.a[?@.b == @.c]",
    "$.a[?@ != $.b]", "$..[?@.a == $.a]", "$..[?@.a && (@.b || @.c)]", "$.a[?count(@.*) > 1]", "$.a[?length(@) > 1]",
    "$.a[?value(@..b) == 1]", "$.a[?@[?@ == 1]]", "$..[?@..a]",
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(("a", "b", "c")), SMALL_JSON, max_size=3), st.sampled_from(SAME_EVERYWHERE))
def test_the_library_itself_selects_the_same(document: dict[str, Any], path: str) -> None:
    assert compile_path(path).select(document, Budget()) == REFERENCE.compile(path).findall(document)
