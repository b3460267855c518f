"""JSON Schema: what violates what, as the reference library sees it; and schemas that want to do harm."""

from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.checks.budget import MAX_STEPS, Budget, BudgetSpent
from harness.checks.json_schema.dialects import DIALECTS
from harness.checks.json_schema.schemas import check_schema, violations_of
from harness.checks.json_schema.wording import worded
from harness.checks.paths import written_keys
from harness.checks.query import keys_of


def said(schema: Any, value: Any) -> list[tuple[str, str, str]]:
    """Place, expected and actual of every violation."""
    found = violations_of(schema, value, Budget())
    words = [(written_keys(keys_of(violation.steps)), worded(violation)) for violation in found]
    return [(place, mismatch.expected, mismatch.actual) for place, mismatch in words]


OLD = "http://json-schema.org/draft-07/schema#"

CASES: tuple[tuple[Any, Any, list[tuple[str, str, str]]], ...] = (
    ({"type": ["integer", "null"]}, "1", [("", "integer or null", '"1" (string)')]),
    ({"enum": [1, "a"]}, 2, [("", 'one of 1, "a"', "2")]),
    ({"const": {"a": 1}}, {"a": 2}, [("", '{"a": 1}', '{"a": 2}')]),
    ({"multipleOf": 0.1}, 0.35, [("", "a multiple of 0.1", "0.35")]),
    ({"maximum": 1}, 2, [("", "number of at most 1", "2")]),
    ({"minimum": 1}, 0, [("", "number of at least 1", "0")]),
    ({"exclusiveMaximum": 1}, 1, [("", "number less than 1", "1")]),
    ({"exclusiveMinimum": 1}, 1, [("", "number greater than 1", "1")]),
    ({"maxLength": 1}, "ab", [("", "length of at most 1", '2: "ab"')]),
    ({"minLength": 1}, "", [("", "length of at least 1", '0: ""')]),
    ({"maxItems": 0}, [1], [("", "length of at most 0", "1: [1]")]),
    ({"minItems": 1}, [], [("", "length of at least 1", "0: []")]),
    ({"maxProperties": 0}, {"a": 1}, [("", "length of at most 0", '1: {"a": 1}')]),
    ({"minProperties": 1}, {}, [("", "length of at least 1", "0: {}")]),
    ({"pattern": "^a"}, "b", [("", 'string that matches "^a"', '"b"')]),
    ({"uniqueItems": True}, [1, 1.0], [("", "array without an element that is there twice", "[1, 1.0]")]),
    ({"required": ["a"]}, {"b": 1}, [("", 'a key "a"', 'an object with "b"')]),
    ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, [("", 'a key "b"', 'an object with "a"')]),
    ({"properties": {"a": {"items": {"type": "null"}}}}, {"a": [None, 1]}, [(".a[1]", "null", "1 (number)")]),
    ({"patternProperties": {"^x": False}}, {"x1": 1}, [(".x1", "nothing: the schema is false here", "1")]),
    ({"properties": {"a": True}, "additionalProperties": False}, {"a": 1, "b": 2},
        [("", 'no key "b"', '"b": 2')]),
    ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, [("", 'no key "ab"', '"ab": 1')]),
    ({"prefixItems": [True], "items": False}, [1, 2], [("", "no more than 1 elements", "[1, 2]")]),
    (
        {"$schema": OLD, "items": [True], "additionalItems": False},
        [1, 2],
        [("", "no more than 1 elements", "[1, 2]")],
    ),
    ({"$schema": OLD, "dependencies": {"a": ["b"]}}, {"a": 1}, [("", 'a key "b"', 'an object with "a"')]),
    ({"contains": {"const": 1}}, [2], [("", 'array with an element that obeys {"const": 1}', "[2]")]),
    (
        {"contains": {"const": 1}, "maxContains": 1},
        [1, 1],
        [("", "array with at most 1 such elements (maxContains)", "[1, 1]")],
    ),
    (
        {"allOf": [{"minimum": 1}, {"maximum": -1}]},
        0,
        [("", "number of at least 1", "0"), ("", "number of at most -1", "0")],
    ),
    (
        {"anyOf": [{"type": "null"}, {"required": ["a", "b"]}]},
        1,
        [],
    ),
    (
        {"anyOf": [{"type": "null"}, {"const": 2}]},
        1,
        [("", "a value that one of 2 schemas allows (anyOf)", "1"), ("", "null", "1 (number)")],
    ),
    (
        {"oneOf": [{"minimum": 0}, {"maximum": 5}]},
        1,
        [("", "a value that only one of 2 schemas allows (oneOf), not 2", "1")],
    ),
    ({"not": {"type": "integer"}}, 1, [("", 'anything that does not obey {"type": "integer"}', "1")]),
    ({"if": {"minimum": 1}, "then": {"const": 3}, "else": False}, 2, [("", "3", "2")]),
    ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1}, [("", 'a key "b"', 'an object with "a"')]),
    ({"properties": {"a": True}, "unevaluatedProperties": False}, {"b": 1}, [("", 'no key "b"', '"b": 1')]),
    ({"prefixItems": [True], "unevaluatedItems": False}, [1, 2], [("", "no element 1", "[1, 2]")]),
    (
        {
            "$defs": {"node": {"properties": {"next": {"$ref": "#/$defs/node"}}, "required": ["id"]}},
            "$ref": "#/$defs/node",
        },
        {"id": 1, "next": {"id": 2, "next": {}}},
        [(".next.next", 'a key "id"', "an object without keys")],
    ),
)  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "expected"), CASES)
def test_every_violation_has_its_place_and_says_expected_and_actual(
    schema: Any, value: Any, expected: list[tuple[str, str, str]]
) -> None:
    assert said(schema, value) == expected


def test_every_keyword_of_every_draft_has_a_case() -> None:
    tested = {key for schema, _, _ in CASES for key in keywords_in(schema)}
    elsewhere = {"$dynamicRef", "$recursiveRef"}
    assert {key for dialect in DIALECTS.values() for key in dialect.keywords} - elsewhere <= tested


def keywords_in(schema: Any) -> set[str]:
    members = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    own = set(schema) if isinstance(schema, dict) else set()
    return own.union(*map(keywords_in, members))


@pytest.mark.parametrize(
    ("schema", "value", "is_valid"),
    [
        ({"$schema": "http://json-schema.org/draft-04/schema#", "maximum": 3, "exclusiveMaximum": True}, 3, False),
        ({"$schema": "http://json-schema.org/draft-04/schema", "const": 1}, 2, True),
        ({"$schema": OLD, "$ref": "#/definitions/a", "maximum": 1, "definitions": {"a": {"type": "integer"}}}, 5, True),
        ({"$ref": "#/$defs/a", "maximum": 1, "$defs": {"a": {"type": "integer"}}}, 5, False),
        ({"$schema": "https://json-schema.org/draft/2019-09/schema", "items": [{"type": "null"}]}, [1], False),
        ({"$id": "http://x.org/a", "$defs": {"b": {"$anchor": "n", "type": "null"}}, "$ref": "#n"}, 1, False),
        ({"$ref": "https://json-schema.org/draft/2020-12/schema"}, {"type": 1}, False),
        ({"format": "email"}, "nobody", True),
        (True, 1, True),
        (False, 1, False),
    ],
)
def test_drafts_differ_as_they_say(schema: Any, value: Any, is_valid: bool) -> None:
    assert (violations_of(schema, value, Budget()) == []) is is_valid


@pytest.mark.parametrize(
    ("schema", "sentence"),
    [
        (5, "it is no schema: that is an object, true or false"),
        ({"type": "strnig"}, 'type in {"type": "strnig"} should be a value that one of 2 schemas allows (anyOf)'),
        ({"properties": {"a": {"minLength": -1}}}, 'minLength in {"minLength": -1} should be number of at least 0'),
        ({"$schema": "http://json-schema.org/draft-03/schema"}, "its $schema 'http://json-schema.org/draft-03/schema'"),
        ({"pattern": "(?=a)"}, 'its pattern "(?=a)": lookahead (?=…) is not supported'),
        ({"patternProperties": {"(": True}}, 'its pattern "(": missing ): ('),
        ({"description": "x" * 600_000}, "it is longer than 512 Ki characters"),
        ({"$id": "http://[x"}, "$id"),
    ],
)
def test_what_is_no_schema_is_refused_with_a_sentence(schema: Any, sentence: str) -> None:
    for _ in range(2):  # the second time from memory
        with pytest.raises(ValueError) as refusal:
            check_schema(schema)
        assert sentence in str(refusal.value)


def doubling(depth: int, keyword: str) -> dict[str, Any]:
    """Schemas that each apply the next one twice."""
    links: dict[str, Any] = {
        f"a{number}": {keyword: [{"$ref": f"#/$defs/a{number + 1}"}] * 2} for number in range(depth)
    }
    return {"$ref": "#/$defs/a0", "$defs": {**links, f"a{depth}": {"type": "null"}}}


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


TREE = {"type": "array", "items": {"$ref": "#"}}


@pytest.mark.parametrize(
    ("schema", "value", "reason"),
    [
        ({"$ref": "#"}, 1, "more than 100 deep"),
        ({"anyOf": [{"$ref": "#"}, {"not": {"$ref": "#"}}]}, 1, "more than 100 deep"),
        ({"$dynamicRef": "#a", "$dynamicAnchor": "a"}, 1, "more than 100 deep"),
        ({"$schema": "https://json-schema.org/draft/2019-09/schema", "$recursiveRef": "#"}, 1, "more than 100 deep"),
        (TREE, nested(10_000), "more than 100 deep"),
        ({"$ref": "http://127.0.0.1:1/x.json"}, 1, "which is not in it; nothing is fetched"),
        ({"$ref": "file:///etc/passwd"}, 1, "which is not in it; nothing is fetched"),
        ({"$ref": "#/$defs/none"}, 1, "which is not in it; nothing is fetched"),
        ({"$ref": "#/enum/0", "enum": [{"type": 5}]}, 1, "should be"),
        ({"$ref": "#/enum/0", "enum": [{"pattern": "(?=a)"}]}, 1, "lookahead"),
        ({"$ref": "#/enum/0", "enum": [7]}, 1, "should be object or boolean"),
    ],
)
def test_a_schema_that_cannot_be_applied_says_why(schema: Any, value: Any, reason: str) -> None:
    with pytest.raises(ValueError) as refusal:
        violations_of(schema, value, Budget())
    assert reason in str(refusal.value)


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_work_that_doubles_with_every_reference_ends_at_the_budget(keyword: str) -> None:
    with pytest.raises(BudgetSpent):
        violations_of(doubling(40, keyword), 1, Budget(100_000))


def test_the_time_of_a_pattern_does_not_explode() -> None:
    budget = Budget()

    violations_of({"pattern": "^(a+)+$"}, "a" * 50_000 + "!", budget)
    violations_of({"patternProperties": {"^(a|a)*$": False}}, {"a" * 50_000 + "!": 1}, budget)
    violations_of({"uniqueItems": True}, [[number] for number in range(10_000)], budget)

    assert MAX_STEPS - budget.left < 200_000


def test_many_costly_patterns_are_refused_before_they_are_compiled() -> None:
    with pytest.raises(ValueError, match="takes more than"):
        check_schema({"anyOf": [{"pattern": rf"\pL{{8}}{number}"} for number in range(2_000)]})


def test_a_schema_in_a_schema_cannot_choose_another_draft_to_escape() -> None:
    inner = {"$schema": OLD, "$id": "inner", "pattern": "(a+)+(?=b)"}
    with pytest.raises(ValueError, match="lookahead"):
        violations_of({"allOf": [inner]}, "a" * 100 + "!", Budget())


HOSTILE = (float("nan"), float("inf"), 10**400, -(10**400), "\ud800", "x" * 1_000_000, nested(10_000), {"": None}, True)


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_any_value_can_be_judged_by_every_keyword(value: Any) -> None:
    for schema, _, _ in CASES:
        for violation in violations_of(schema, value, Budget()):
            assert len(worded(violation).actual) <= 400


SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from((0.5, 1.0, "", "a", "ab"))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
)
SCHEMAS = st.recursive(
    st.booleans()
    | st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(("integer", "number", "string", "array", "object", "null", "boolean")),
            "enum": st.lists(SCALARS, min_size=1, max_size=3),
            "maximum": st.integers(-2, 2),
            "minLength": st.integers(0, 2),
            "minItems": st.integers(0, 2),
            "required": st.lists(st.sampled_from("abc"), unique=True),
            "uniqueItems": st.booleans(),
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
            "patternProperties": st.dictionaries(st.sampled_from(("a", "^b$")), inner, max_size=2),
            "additionalProperties": inner,
            "items": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "contains": inner,
            "minContains": st.integers(0, 2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "unevaluatedProperties": inner,
            "unevaluatedItems": inner,
            "propertyNames": inner,
        },
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=200)
@given(SCHEMAS, VALUES)
def test_the_reference_library_agrees(schema: Any, value: Any) -> None:
    reference = jsonschema.Draft202012Validator(schema).is_valid(value)
    assert (violations_of(schema, value, Budget()) == []) is reference
