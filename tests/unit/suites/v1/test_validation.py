"""Each type of validation of the v1 format as keys of a field, in the spellings of three older tools."""

import pytest

from harness.suites.read import read_yaml
from harness.suites.tree import MapNode, plain
from harness.suites.v1.notes import Notes
from harness.suites.v1.validation import RULES, field_of

CASES = [
    ("{type: exists}", {"exists": True}),
    ("{type: not_exists}", {"exists": False}),
    ("{type: not_null}", {"not_null": True}),
    ("{type: equals, value: 5}", {"value": 5}),
    ("{type: equals, value: null}", {"value": None}),
    ("{type: not_equals, value: 5}", {"not_value": 5}),
    ("{type: one_of, values: [1, 2]}", {"one_of": [1, 2]}),
    ("{type: range, min: 1, max: 2}", {"min": 1, "max": 2}),
    ("{type: greater_than, value: 0}", {"greater_than": 0}),
    ("{type: greater_equal, value: 0}", {"greater_equal": 0}),
    ("{type: less_than, value: 0}", {"less_than": 0}),
    ("{type: less_equal, value: 0}", {"less_equal": 0}),
    (
        "{type: numeric, min_value: 0, max_value: 1, decimal_places: 2}",
        {"field_type": "number", "min": 0, "max": 1, "decimal_places": 2},
    ),
    ("{type: number}", {"field_type": "number"}),
    ("{type: regex, pattern: x, flags: i}", {"pattern": "x", "flags": "i"}),
    ("{type: string_length, min: 1, max: 2}", {"field_type": "string", "min_length": 1, "max_length": 2}),
    ("{type: contains, value: x, case_sensitive: false}", {"contains": "x", "case_sensitive": False}),
    ("{type: starts_with, value: x}", {"starts_with": "x"}),
    ("{type: ends_with, value: x}", {"ends_with": "x"}),
    ("{type: array}", {"field_type": "array"}),
    ("{type: array_length, min: 1, max: 2}", {"field_type": "array", "min_length": 1, "max_length": 2}),
    ("{type: array_length, value: 3}", {"field_type": "array", "array_length": 3}),
    ("{type: array_min_length, value: 3}", {"field_type": "array", "min_length": 3}),
    ("{type: array_max_length, max: 3}", {"field_type": "array", "max_length": 3}),
    ("{type: array_contains, value: x}", {"field_type": "array", "contains": "x"}),
    ("{type: array_contains_all, values: [x]}", {"field_type": "array", "contains_all": ["x"]}),
    ("{type: object}", {"field_type": "object"}),
    ("{type: object_keys, keys: [a], strict: true}", {"field_type": "object", "keys": ["a"], "strict_keys": True}),
    ("{type: object_size, min: 1}", {"field_type": "object", "min_length": 1}),
    ("{type: boolean, value: true}", {"field_type": "boolean", "value": True}),
    ('{type: "null"}', {"field_type": "null"}),
    ("{type: integer}", {"field_type": "integer"}),
    ("{type: string}", {"field_type": "string"}),
]
OLDER = [
    ("{Equals: {value: 5}}", {"value": 5}),
    ("{Range: {min: 1, max: 2}}", {"min": 1, "max": 2}),
    ("{Contains: {values: [a, b]}}", {"contains_all": ["a", "b"]}),
    ("{Regex: {pattern: x}}", {"pattern": "x"}),
    ("{OneOf: {options: [1]}}", {"one_of": [1]}),
    ("{type: ArrayLength, min: 1}", {"field_type": "array", "min_length": 1}),
    ("{HasKeys: {keys: [a]}}", {"field_type": "object", "keys": ["a"]}),
    ("{array_min_length: 3}", {"field_type": "array", "min_length": 3}),
    ("{boolean: }", {"field_type": "boolean"}),
    ("{exists: true}", {"exists": True}),
    ("exists", {"exists": True}),
]


def made_of(pattern: str) -> tuple[dict | None, list[tuple[str, str]]]:
    node = read_yaml(pattern.encode(), "p.yaml")
    assert isinstance(node, MapNode)
    notes = Notes()
    field = field_of(node, notes)
    return None if field is None else plain(field), [(note.key, note.said) for note in notes.all]


@pytest.mark.parametrize(("validation", "field"), CASES + OLDER)
def test_a_validation_is_keys_of_a_field(validation: str, field: dict) -> None:
    assert made_of(f"{{key: 'x[0].y', validation: {validation}, required: true}}") == ({"path": "x[0].y", **field}, [])


def test_every_type_has_a_case() -> None:
    assert {validation.removeprefix("{type: ").split(",")[0].strip('"}') for validation, _ in CASES} == set(RULES)


def test_a_pattern_that_is_not_required_is_a_warning() -> None:
    assert made_of("{key: x, validation: {type: exists}, required: false}") == (
        {"path": "x", "exists": True, "severity": "warning"},
        [("required: false", "severity: warning")],
    )


def test_a_path_to_every_element_judges_each() -> None:
    assert made_of("{key: 'items[*].id', validation: exists}") == (
        {"path": "items[*].id", "exists": True, "each": True},
        [],
    )


def test_a_path_below_result_is_pointed_at() -> None:
    said = "is looked for below a member 'result' of the content; leave 'result' out where it means the answer"

    assert made_of("{key: result.items, validation: exists}") == (
        {"path": "result.items", "exists": True},
        [("key", said)],
    )
    assert made_of("{key: results, validation: exists}")[1] == []


@pytest.mark.parametrize(
    ("pattern", "note"),
    [
        ("{key: x, validation: {type: equal, value: 1}}", ("validation type equal", "")),
        ("{key: x, validation: {type: range, from: 1, min: 0}}", ("range.from", "")),
        ("{key: x, validation: {type: range}}", ("validation range", "needs 'min' or 'max'")),
        ("{key: x, validation: {type: equals}}", ("validation equals", "needs 'value'")),
        (
            "{key: x, validation: {type: contains, case_sensitive: true}}",
            ("validation contains", "needs 'value' or 'values'"),
        ),
        ("{key: x, validation: {}}", ("validation type ", "")),
        (
            "{key: x, validation: {Expression: {expr: a}}}",
            ("validation expression", "write what must hold as a script below 'custom_scripts'"),
        ),
        ("{validation: {type: exists}}", ("patterns", "need a 'key' in each item")),
        ("{key: x, validation: exists, required: no}", ("required", "must be true or false")),
        ("{key: x, validation: exists, requird: true}", ("requird", "")),
    ],
)
def test_a_check_that_nobody_knows_or_that_checks_nothing_is_noted(pattern: str, note: tuple[str, str]) -> None:
    assert made_of(pattern)[1] == [note]
