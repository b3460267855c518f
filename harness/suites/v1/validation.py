"""`validation` of a v1 pattern → keys of a field, by the list of the seed; spellings of older tools are known, too."""

import re
from collections.abc import Mapping

from harness.suites.findings import Findings, quoted
from harness.suites.tree import Entry, Leaf, MapNode, Mark, Node, plain
from harness.suites.v1.nodes import Mapped, members, text

SAME: Mapping[str, str] = {
    "equals": "value",
    "not_equals": "not_value",
    "greater_than": "greater_than",
    "greater_equal": "greater_equal",
    "less_than": "less_than",
    "less_equal": "less_equal",
    "contains": "contains",
    "starts_with": "starts_with",
    "ends_with": "ends_with",
    "array_contains": "contains",
}
"""Types whose `value` is the value of one key."""
TYPES: Mapping[str, str] = {
    "array": "array",
    "array_length": "array",
    "array_contains": "array",
    "array_contains_all": "array",
    "array_min_length": "array",
    "array_max_length": "array",
    "object": "object",
    "object_keys": "object",
    "object_size": "object",
    "boolean": "boolean",
    "null": "null",
    "integer": "integer",
    "string": "string",
    "numeric": "number",
    "number": "number",
    "string_length": "string",
}
"""Types that say of what type the value is."""
MEMBERS: Mapping[str, Mapping[str, str]] = {
    "one_of": {"values": "one_of", "options": "one_of"},
    "range": {"min": "min", "max": "max"},
    "numeric": {"min_value": "min", "max_value": "max", "min": "min", "max": "max", "decimal_places": "decimal_places"},
    "regex": {"pattern": "pattern", "flags": "flags"},
    "string_length": {"min": "min_length", "max": "max_length"},
    "array_length": {"min": "min_length", "max": "max_length", "value": "array_length", "length": "array_length"},
    "array_min_length": {"value": "min_length", "min": "min_length"},
    "array_max_length": {"value": "max_length", "max": "max_length"},
    "array_contains_all": {"values": "contains_all"},
    "object_keys": {"keys": "keys", "strict": "strict_keys"},
    "object_size": {"min": "min_length", "max": "max_length"},
    "contains": {"case_sensitive": "case_sensitive", "values": "contains_all"},
    "boolean": {"value": "value"},
}
"""Type → its own members → keys of a field."""
PRESENCE: Mapping[str, tuple[str, bool]] = {
    "exists": ("exists", True),
    "not_exists": ("exists", False),
    "not_null": ("not_null", True),
}
OTHER_NAMES: Mapping[str, str] = {"has_keys": "object_keys", "bool": "boolean", "length": "string_length"}
KNOWN = tuple(dict.fromkeys((*SAME, *TYPES, *MEMBERS, *PRESENCE)))


def field_of(pattern: MapNode, findings: Findings) -> MapNode:
    """The field that a pattern means. A check that is not known is an error."""
    field = Mapped(pattern.mark)
    entries = dict(pattern.entries)
    key, required = entries.pop("key", None), entries.pop("required", None)
    validation = entries.pop("validation", None)
    if key is not None:
        field.put("path", key)
    if validation is not None:
        _put_validation(field, validation, findings)
    if required is not None and isinstance(required.node, Leaf) and required.node.value is False:
        field.say("severity", "warning", required.key_mark)
    for name, entry in entries.items():
        field.put(name, entry)
    return field.node()


def _put_validation(field: Mapped, entry: Entry, findings: Findings) -> None:
    kind, mark, given = _kind_of(entry.node)
    if kind not in KNOWN:
        hint = findings.did_you_mean(kind, KNOWN)
        findings.error(mark, f"unknown validation type {quoted(kind)}", hint)
        return
    if kind in PRESENCE:
        field.say(*PRESENCE[kind], mark)
    if kind in TYPES:
        field.say("field_type", TYPES[kind], mark)
    for name, member in given.items():
        ours = MEMBERS.get(kind, {}).get(name) or (SAME.get(kind) if name == "value" else None)
        if ours is None:
            findings.error(member.key_mark, f"validation {quoted(kind)} has no {quoted(name)}")
        else:
            field.put(ours, member)


def _kind_of(node: Node) -> tuple[str, Mark, Mapping[str, Entry]]:
    """The type in our words, where it stands, and its members: `{type: equals, value: 1}`, `{Equals: {value: 1}}`, …"""
    given = dict(members(node))
    if "type" in given:
        entry = given.pop("type")
        return _snake(text(entry.node)), entry.node.mark, given
    if len(given) == 1:
        [(name, entry)] = given.items()
        inner = members(entry.node) or {"value": entry}
        return _snake(name), entry.key_mark, inner if plain(entry.node) is not None else {}
    return _snake(text(node)), node.mark, {}


def _snake(name: str) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return OTHER_NAMES.get(snake, snake)
