"""`validation` of a v1 pattern → keys of a field, by the list of the seed; spellings of older tools are known, too."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from harness.suites.findings import quoted
from harness.suites.tree import Entry, MapNode, Mark, Node
from harness.suites.v1.nodes import Mapped, said_of, text
from harness.suites.v1.notes import Notes

MAX_NAME_CHARACTERS = 100


@dataclass(frozen=True)
class Rule:
    """One type of validation. `says`: keys of the field that the type alone gives.

    `members`: what may stand beside `type` → keys of the field. `needs`: of those, which must be there (one of them).
    """

    says: Mapping[str, JsonValue] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


def _type(name: str, members: Mapping[str, str] | None = None, needs: tuple[str, ...] = ()) -> Rule:
    return Rule({"field_type": name}, members or {}, needs)


def _value(key: str) -> Rule:
    return Rule(members={"value": key}, needs=("value",))


_BOUNDS = {"min_value": "min", "max_value": "max", "min": "min", "max": "max"}
_BETWEEN = {"min": "min_length", "max": "max_length"}

RULES: Mapping[str, Rule] = {
    "exists": Rule({"exists": True}),
    "not_exists": Rule({"exists": False}),
    "equals": _value("value"),
    "not_equals": _value("not_value"),
    "one_of": Rule(members={"values": "one_of", "options": "one_of"}, needs=("values", "options")),
    "range": Rule(members={"min": "min", "max": "max"}, needs=("min", "max")),
    "greater_than": _value("greater_than"),
    "greater_equal": _value("greater_equal"),
    "less_than": _value("less_than"),
    "less_equal": _value("less_equal"),
    "numeric": _type("number", {**_BOUNDS, "decimal_places": "decimal_places"}),
    "number": _type("number", _BOUNDS),
    "regex": Rule(members={"pattern": "pattern", "flags": "flags"}, needs=("pattern",)),
    "string_length": _type("string", _BETWEEN, ("min", "max")),
    "contains": Rule(
        members={"value": "contains", "values": "contains_all", "case_sensitive": "case_sensitive"},
        needs=("value", "values"),
    ),
    "starts_with": Rule(members={"value": "starts_with", "case_sensitive": "case_sensitive"}, needs=("value",)),
    "ends_with": Rule(members={"value": "ends_with", "case_sensitive": "case_sensitive"}, needs=("value",)),
    "array": _type("array"),
    "array_length": _type("array", {**_BETWEEN, "value": "array_length"}, ("min", "max", "value")),
    "array_min_length": _type("array", {"value": "min_length", "min": "min_length"}, ("value", "min")),
    "array_max_length": _type("array", {"value": "max_length", "max": "max_length"}, ("value", "max")),
    "array_contains": _type("array", {"value": "contains"}, ("value",)),
    "array_contains_all": _type("array", {"values": "contains_all"}, ("values",)),
    "object": _type("object"),
    "object_keys": _type("object", {"keys": "keys", "strict": "strict_keys"}, ("keys",)),
    "object_size": _type("object", _BETWEEN, ("min", "max")),
    "boolean": _type("boolean", {"value": "value"}),
    "null": _type("null"),
    "not_null": Rule({"not_null": True}),
    "integer": _type("integer", _BOUNDS),
    "string": _type("string"),
}
"""Type of validation → what it means. Minima and maxima are inclusive."""
OTHER_NAMES: Mapping[str, str] = {"has_keys": "object_keys"}
REFUSED: Mapping[str, str] = {"expression": "write what must hold as a script below 'custom_scripts'"}


def field_of(pattern: MapNode, notes: Notes) -> MapNode | None:
    """The field that a pattern means. None, with a word, for a check that nobody knows or that checks nothing."""
    made = Mapped(pattern.mark)
    entries = dict(pattern.entries)
    key, validation = entries.pop("key", None), entries.pop("validation", None)
    required = entries.pop("required", None)
    if key is None or validation is None:
        missing = "key" if key is None else "validation"
        notes.wrong(pattern.mark, "patterns", f"need a {quoted(missing)} in each item")
        return None
    made.put("path", key, notes)
    _look_at_path(key, notes)
    if "[*]" in text(key.node):
        made.say("each", True, key.key_mark)
    checks_something = _put_validation(made, validation, notes)
    _put_severity(made, required, notes)
    for name, entry in entries.items():
        notes.unknown(entry.key_mark, name, ("key", "validation", "required"))
    return made.node() if checks_something else None


def _look_at_path(key: Entry, notes: Notes) -> None:
    """Documents of the format write `result.x` for what others write as `x`."""
    if re.match(r"(\$\.)?result(\.|$)", text(key.node)):
        said = "is looked for below a member 'result' of the content; leave 'result' out where it means the answer"
        notes.reading(key.node.mark, "key", said)


def _put_severity(made: Mapped, required: Entry | None, notes: Notes) -> None:
    if required is None:
        return
    value = said_of(required.node)
    if not isinstance(value, bool):
        notes.wrong(required.node.mark, "required", "must be true or false")
    elif not value:
        notes.translated(required.key_mark, "required: false", "severity: warning")
        made.say("severity", "warning", required.key_mark)


def _put_validation(made: Mapped, entry: Entry, notes: Notes) -> bool:
    """Write what a validation checks; False when that is nothing."""
    kind, mark, given = _kind_of(entry.node)
    if kind in REFUSED:
        notes.refused(mark, f"validation {kind}", REFUSED[kind])
        return False
    rule = RULES.get(kind)
    if rule is None:
        notes.unknown(mark, f"validation type {kind}", RULES)
        return False
    for key, value in rule.says.items():
        made.say(key, value, mark)
    for name, member in given.items():
        if name in rule.members:
            made.put(rule.members[name], member, notes)
        else:
            notes.unknown(member.key_mark, f"{kind}.{name}", rule.members)
    if rule.needs and not any(name in given for name in rule.needs):
        words = " or ".join(quoted(name) for name in rule.needs)
        notes.wrong(mark, f"validation {kind}", f"needs {words}")
        return False
    return True


def _kind_of(node: Node) -> tuple[str, Mark, Mapping[str, Entry]]:
    """The type in our words, where it stands, and its members: `{type: equals, value: 1}`, `{Equals: {value: 1}}`, …"""
    given = dict(node.entries) if isinstance(node, MapNode) else {}
    if "type" in given:
        entry = given.pop("type")
        return _snake(text(entry.node)), entry.node.mark, given
    if len(given) == 1:
        [(name, entry)] = given.items()
        inner = entry.node.entries if isinstance(entry.node, MapNode) else _alone(entry)
        return _snake(name), entry.key_mark, inner
    return _snake(text(node)), node.mark, {}


def _alone(entry: Entry) -> Mapping[str, Entry]:
    """`array_min_length: 3`; `exists: true` says no more than `exists`."""
    return {} if said_of(entry.node) in (None, True) else {"value": entry}


def _snake(name: str) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name[:MAX_NAME_CHARACTERS]).lower()
    return OTHER_NAMES.get(snake, snake)
