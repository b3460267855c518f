"""Conditions and templates: what they can say, and what an attacker cannot do with them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.expressions import MAX_CHARACTERS, compile_expression

NAMES = {
    "matrix": {"size": 20, "name": "b"},
    "target": {"version": "2.10.1-rc1", "labels": {"env": "prod"}},
    "items": [1, 2, 3],
    "word": "Hello",
    "nothing": None,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("matrix.size * 0.5 + 1", 11.0),
        ("matrix.size > 10 and matrix.name in ['a', 'b']", True),
        ("not (matrix.size == 20) or nothing == null", True),
        ("version(target.version) >= version('2.9')", True),
        ("version(target.version) >= version('2.11')", False),
        ("target.labels['env'] == \"prod\"", True),
        ("has(target.labels, 'tier')", False),
        ("length(items) + length(word)", 8),
        ("lower(word) + upper('x')", "helloX"),
        ("starts_with(word, 'He') and ends_with(word, 'lo')", True),
        ("matches(word, '^H.*o$')", True),
        ("items[0] + items[-1]", 4),
        ("'big' if matrix.size >= 20 else 'small'", "big"),
        ("number('42') + number('0.5')", 42.5),
        ("text(1) + text(true) + text(word)", "1trueHello"),
        ("[1, 'a', null]", [1, "a", None]),
        ("7 % 4 - 7 // 4", 2),
        ("1 < matrix.size <= 20", True),
    ],
)
def test_an_expression_has_the_value_it_would_have_in_python(text: str, value: object) -> None:
    assert compile_expression(text).evaluate(NAMES) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "missing"),
        ("a b", "not an expression"),
        ("a && b", "write 'and' instead of '&&'"),
        ("a || b", "write 'or'"),
        ("x = 1", "not an expression"),
        ("import os", "not an expression"),
        ("__import__('os')", "only these can be called"),
        ("word.upper()", "only these can be called"),
        ("(lambda: 1)()", "only these can be called"),
        ("[x for x in items]", "ListComp is not part"),
        ("{1: 2}", "Dict is not part"),
        ("f'{word}'", "JoinedStr is not part"),
        ("2 ** 99999999", "Pow is not part"),
        ("1 << 99", "LShift is not part"),
        ("word[1:2]", "Slice is not part"),
        ("b'x'", "bytes is not a JSON value"),
        ("length(x=1)", "no named arguments"),
        ("*items", "not an expression"),
        ("a" * (MAX_CHARACTERS + 1), "at most"),
        ("1" + "+1" * 300, "too long"),
        ("(" * 300 + "1" + ")" * 300, "not an expression"),
        ("1j", "complex is not a JSON value"),
    ],
)
def test_what_is_no_expression_is_refused_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        compile_expression(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nobody", "there is no 'nobody'"),
        ("matrix.nobody", "there is no 'nobody'; there is name, size"),
        ("word.__class__", "reaches into text"),
        ("nothing.x", "reaches into null"),
        ("items.append", "reaches into list"),
        ("matrix.__class__", "there is no '__class__'"),
        ("length", "is a function not called?"),
        ("length(5)", "no len"),
        ("1 / 0", "division by zero"),
        ("'a' + 1", "concatenate"),
        ("'%999999999d' % 1", "'%' is for numbers"),
        ("'a' * 999999999", "too long"),
        ("items * 999999999", "too long"),
        ("items[9]", "out of range"),
        ("lower(5)", "text is expected"),
        ("number('x')", "could not convert"),
        ("1e308 * 10", "not a JSON number"),
        ("matches(word, '(')", "missing"),
    ],
)
def test_what_cannot_be_evaluated_says_why(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        compile_expression(text).evaluate(NAMES)


def test_an_endless_pattern_is_none_here() -> None:
    names = {"word": "a" * 50_000}
    assert compile_expression("matches(word, '^(a+)+$')").evaluate(names) is True
    assert compile_expression("matches(word, '^(a+)+b$')").evaluate(names) is False


def test_a_condition_is_what_python_calls_true() -> None:
    assert compile_expression("items").holds(NAMES)
    assert not compile_expression("nothing").holds(NAMES)


def test_names_are_those_needed_from_outside() -> None:
    assert compile_expression("length(a.b) > c and true").names == {"a", "c"}


@given(st.text(max_size=60))
def test_any_text_is_refused_or_has_a_value(text: str) -> None:
    try:
        compile_expression(text).evaluate(NAMES)
    except ValueError as refused:
        assert str(refused)
