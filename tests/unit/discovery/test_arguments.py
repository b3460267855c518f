"""Arguments made from schemas: the schema's own examples first, and never more than it can bear."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness.discovery.arguments import SAMPLE, NoExample, escaped, example_of, names_a_file


def one(schema: Any, name: str = "x") -> Any:
    """What is made for one required argument."""
    return example_of({"type": "object", "properties": {name: schema}, "required": [name]})[name]


@pytest.mark.parametrize(
    ("schema", "made"),
    [
        ({"type": "string", "default": "d", "examples": ["e"]}, "d"),
        ({"type": "string", "examples": ["e", "f"]}, "e"),
        ({"const": 7}, 7),
        ({"enum": ["a", "b"]}, "a"),
        ({"type": "string"}, "example"),
        ({"type": "string", "format": "date"}, "2025-01-31"),
        ({"type": "string", "minLength": 9}, "examplexx"),
        ({"type": "string", "maxLength": 2}, "ex"),
        ({"type": "integer"}, 1),
        ({"type": "integer", "minimum": 5}, 5),
        ({"type": "integer", "exclusiveMinimum": 5}, 6),
        ({"type": "number", "maximum": -2.5}, -2.5),
        ({"type": "integer", "multipleOf": 4}, 4),
        ({"type": "boolean"}, False),
        ({"type": ["null", "integer"]}, 1),
        ({"type": "null"}, None),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1, 1]),
        ({"type": "array"}, ["example"]),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 1),
        ({"type": "object", "properties": {"a": {"type": "boolean"}, "b": {}}, "required": ["a"]}, {"a": False}),
        ({}, "example"),
        (True, "example"),
        ({"type": "string", "default": "${HOME}"}, "$${HOME}"),
    ],
)
def test_a_value_is_made_for_each_kind_of_schema(schema: Any, made: Any) -> None:
    assert one(schema) == made


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("path", "${sandbox}"),
        ("sourceFile", "${sandbox}"),
        ("root_dir", "${sandbox}"),
        ("timezone", "UTC"),
        ("webUrl", "https://example.com/"),
        ("", "example"),
    ],
)
def test_a_text_is_guessed_by_the_last_word_of_its_name(name: str, made: str) -> None:
    assert one({"type": "string"}, name) == made


def test_a_file_may_be_given_for_paths() -> None:
    schema: Any = {"properties": {"path": {"type": "string"}, "dir": {"type": "string"}}, "required": ["path", "dir"]}
    assert example_of(schema, path=SAMPLE) == {"path": "${sandbox}/sample.txt", "dir": "${sandbox}"}
    assert names_a_file(schema)
    assert not names_a_file({"properties": {"dir": {}}})


def test_only_required_arguments_are_made_unless_every_one_is_wanted() -> None:
    schema: Any = {"properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["b", "gone"]}
    assert example_of(schema) == {"b": 1}
    assert example_of(schema, every=True) == {"a": 1, "b": 1}


def test_references_within_the_schema_are_followed_and_circles_end() -> None:
    schema: Any = {
        "$defs": {"N": {"type": "integer"}, "L": {"type": "array", "items": {"$ref": "#/$defs/L"}}},
        "properties": {"n": {"$ref": "#/$defs/N"}},
        "required": ["n"],
    }
    assert example_of(schema) == {"n": 1}
    for wrong in ("#/$defs/L", "#/$defs/none", "https://evil.example/schema", "#"):
        with pytest.raises(NoExample):
            example_of({**schema, "properties": {"n": {"$ref": wrong}}})


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "string", "pattern": "^a+$"}, "'x' must match a pattern"),
        ({"type": "string", "minLength": 10**9}, "'x' must be too long"),
        ({"type": "array", "minItems": 10**9}, "it asks for too long a list"),
        ({"type": "integer", "minimum": 1e300}, "its number is out of range"),
        (False, "its schema allows nothing"),
    ],
)
def test_what_cannot_be_made_says_why(schema: Any, why: str) -> None:
    with pytest.raises(NoExample, match=why):
        one(schema)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["type", "properties", "required", "items", "anyOf", "$ref", "enum", "minimum", "minLength", "minItems", "default"]
)
SCHEMAS = st.recursive(
    JSON, lambda inner: st.dictionaries(KEYS, inner | st.lists(inner, max_size=3), max_size=4), max_leaves=12
)


@given(SCHEMAS)
def test_any_schema_gives_arguments_or_says_why_not(schema: Any) -> None:
    for every in (False, True):
        try:
            assert isinstance(example_of(schema, every=every), dict)
        except NoExample as problem:
            assert len(str(problem)) < 200


@given(st.sampled_from(["integer", "number"]), st.integers(-50, 50), st.integers(0, 50))
def test_numbers_keep_within_their_bounds(kind: str, low: int, width: int) -> None:
    schema = {"type": kind, "minimum": low, "maximum": low + width}
    assert Draft202012Validator(schema).is_valid(one(schema))


def test_places_are_escaped_however_deep() -> None:
    assert escaped([{"a": "${b}"}, 1]) == [{"a": "$${b}"}, 1]
