"""What a value has against a schema, in the words of other checks: expected and actual."""

from collections.abc import Callable, Mapping
from typing import Any

from harness.checks.json_schema.spot import Violation
from harness.checks.show import Mismatch, show, show_typed

MAX_KEYS = 20
MAX_VALUES = 8
PART = 200


def worded(violation: Violation) -> Mismatch:
    """Both texts of one violation."""
    if violation.keyword in _OF_KEYS:
        return _of_key(violation)
    expected = _EXPECTED[violation.keyword](violation.wanted)
    actual = show_typed(violation.value) if violation.keyword == "type" else _shown(violation)
    return Mismatch(expected, actual)


def _shown(violation: Violation) -> str:
    value = violation.value
    if violation.keyword in _OF_LENGTHS:
        return f"{len(value)}: {show(value, PART)}"
    return show(value)


_OF_LENGTHS = frozenset({"maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"})
_OF_KEYS: Mapping[str, str] = {
    "required": "a key {}",
    "dependentRequired": "a key {}",
    "dependencies": "a key {}",
    "additionalProperties": "no key {}",
    "unevaluatedProperties": "no key {}",
    "propertyNames": "no key {}",
}


def _of_key(violation: Violation) -> Mismatch:
    key, value = violation.wanted, violation.value
    expected = _OF_KEYS[violation.keyword].format(show(key, PART))
    if key in value:
        return Mismatch(expected, f"{show(key, 60)}: {show(value[key], PART)}")
    shown = ", ".join(show(name, 40) for name in list(value)[:MAX_KEYS])
    return Mismatch(expected, f"an object with {shown}"[:300] if value else "an object without keys")


def _types(wanted: Any) -> str:
    return wanted if isinstance(wanted, str) else " or ".join(wanted)


def _one_of(wanted: tuple[int, int]) -> str:
    fitting, all_schemas = wanted
    if fitting:
        return f"a value that only one of {all_schemas} schemas allows (oneOf), not {fitting}"
    return f"a value that one of {all_schemas} schemas allows (oneOf)"


def _values(wanted: list[Any]) -> str:
    shown = ", ".join(show(value, 60) for value in wanted[:MAX_VALUES])
    return f"one of {shown}" + (f" and {len(wanted) - MAX_VALUES} more" if len(wanted) > MAX_VALUES else "")


def _number(words: str) -> Callable[[Any], str]:
    return lambda wanted: f"{words} {show(wanted, 60)}"


_EXPECTED: Mapping[str, Callable[[Any], str]] = {
    "type": _types,
    "enum": _values,
    "const": lambda wanted: show(wanted),
    "multipleOf": _number("a multiple of"),
    "maximum": _number("number of at most"),
    "minimum": _number("number of at least"),
    "exclusiveMaximum": _number("number less than"),
    "exclusiveMinimum": _number("number greater than"),
    "maxLength": _number("length of at most"),
    "minLength": _number("length of at least"),
    "maxItems": _number("length of at most"),
    "minItems": _number("length of at least"),
    "maxProperties": _number("length of at most"),
    "minProperties": _number("length of at least"),
    "pattern": lambda wanted: f"string that matches {show(wanted, PART)}",
    "uniqueItems": lambda wanted: "array without an element that is there twice",
    "items": str,
    "additionalItems": str,
    "unevaluatedItems": str,
    "contains": lambda wanted: f"array with an element that obeys {show(wanted, PART)}",
    "maxContains": lambda wanted: f"array with at most {show(wanted, 30)} such elements (maxContains)",
    "anyOf": lambda wanted: f"a value that one of {wanted} schemas allows (anyOf)",
    "oneOf": _one_of,
    "not": lambda wanted: f"anything that does not obey {show(wanted, PART)}",
    "false": lambda wanted: "nothing: the schema is false here",
}
