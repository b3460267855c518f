"""The type of what was found, where it is another than was expected. Pure."""

import json

from harness.models.attempt import CheckFailure

_NAMES = {str: "string", bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}


def surprising_type(failure: CheckFailure) -> str:
    """JSON's word for the type that was found, or `absent`; empty where that type is what was expected."""
    found = failure.actual_type
    if not found or found in failure.expected or found == _type_of(failure.expected):
        return ""
    return "" if found == "integer" and "number" in failure.expected else found


def _type_of(expected: str) -> str:
    """The type of an expected value; a text that was cut is still a string, an array or an object."""
    beginnings = {'"': "string", "[": "array", "{": "object"}
    if expected[:1] in beginnings:
        return beginnings[expected[0]]
    try:
        value = json.loads(expected)
    except ValueError:
        return ""
    return "null" if value is None else _NAMES.get(type(value), "")
