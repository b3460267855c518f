"""Arguments made from the JSON Schema of a tool's input: its own examples first, else the least that it allows. Pure.

The schema comes from a server: it is read with bounds, never compiled, never fetched from elsewhere.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

SANDBOX, SAMPLE = "${sandbox}", "${sandbox}/sample.txt"
MAX_DEPTH, MAX_MEMBERS, MAX_LENGTH = 8, 50, 2_000

FORMATS: Mapping[str, str] = {
    "date": "2025-01-31",
    "date-time": "2025-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1M",
    "email": "somebody@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
NAMES: Mapping[str, str] = {
    "timezone": "UTC",
    "time": "12:00",
    "date": "2025-01-31",
    "url": "https://example.com/",
    "uri": "https://example.com/",
    "email": "somebody@example.com",
    "message": "hello",
    "text": "hello",
    "name": "example",
    "query": "example",
    "pattern": "*.txt",
}
"""What a text is likely to be, by the last word of its argument's name."""
FOLDERS = frozenset({"dir", "directory", "folder", "root"})
FILES = frozenset({"path", "file", "filename", "filepath", "paths", "files"})


class NoExample(ValueError):
    """Raised when nothing can be made that the schema allows; the text says why, in a few words."""


def example_of(schema: JsonValue, *, path: str = SANDBOX, every: bool = False) -> dict[str, JsonValue]:
    """Arguments for a tool: the required ones, or `every` one. `path` is what stands for a file. Raises NoExample.

    Texts are as a suite has them: `$${` means `${`.
    """
    maker = _Maker(schema, path, every=every)
    value = maker.value(schema, "", 0)
    if not isinstance(value, dict):
        raise NoExample("its input is no object")
    return value


def properties_of(schema: JsonValue) -> dict[str, Any]:
    """The members that a schema of an object names."""
    found = schema.get("properties") if isinstance(schema, dict) else None
    return dict(found) if isinstance(found, dict) else {}


def required_of(schema: JsonValue) -> tuple[str, ...]:
    """The members that it asks for, as far as it names them."""
    found = schema.get("required") if isinstance(schema, dict) else None
    known = properties_of(schema)
    return tuple(name for name in found if isinstance(name, str) and name in known) if isinstance(found, list) else ()


def types_of(schema: JsonValue) -> tuple[str, ...]:
    """The JSON types that it names itself."""
    found = schema.get("type") if isinstance(schema, dict) else None
    words = found if isinstance(found, list) else [found]
    return tuple(word for word in words if isinstance(word, str))


class _Maker:
    """Walks one schema."""

    def __init__(self, root: JsonValue, path: str, *, every: bool) -> None:
        self._root, self._path, self._every = root, path, every

    def value(self, schema: JsonValue, name: str, depth: int) -> JsonValue:
        if depth > MAX_DEPTH:
            raise NoExample("its schema is too deep")
        if not isinstance(schema, dict):
            if schema is False:
                raise NoExample("its schema allows nothing")
            return "example"
        given = _given(schema)
        if given is not _NOTHING:
            return escaped(given)
        for key in ("anyOf", "oneOf", "allOf"):
            if isinstance(schema.get(key), list) and "type" not in schema:
                return self._first(schema[key], name, depth)
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self.value(self._referred(reference), name, depth + 1)
        return self._typed(schema, name, depth)

    def _first(self, choices: Any, name: str, depth: int) -> JsonValue:
        """The first choice that something can be made of, null last."""
        for choice in sorted(choices[:MAX_MEMBERS], key=lambda entry: types_of(entry) == ("null",)):
            try:
                return self.value(choice, name, depth + 1)
            except NoExample:
                continue
        raise NoExample("none of its choices can be met")

    def _referred(self, reference: str) -> JsonValue:
        found: Any = self._root
        if not reference.startswith("#"):
            raise NoExample("its schema refers to another document")
        for part in reference.removeprefix("#").split("/")[1:]:
            found = found.get(part) if isinstance(found, dict) else None
        if not isinstance(found, dict):
            raise NoExample("its schema refers to what is not there")
        return found

    def _typed(self, schema: Mapping[str, Any], name: str, depth: int) -> JsonValue:
        kinds = types_of(dict(schema)) or (("object",) if "properties" in schema else ("string",))
        match next((kind for kind in kinds if kind != "null"), "null"):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "integer" | "number" as kind:
                return _number(schema, whole=kind == "integer")
            case "boolean":
                return False
            case "null":
                return None
            case _:
                return self._text(schema, name)

    def _object(self, schema: Mapping[str, Any], depth: int) -> JsonValue:
        members = properties_of(dict(schema))
        wanted = tuple(members) if self._every and depth == 0 else required_of(dict(schema))
        if len(wanted) > MAX_MEMBERS:
            raise NoExample("its input has too many members")
        return {name: self.value(members[name], name, depth + 1) for name in wanted}

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> JsonValue:
        count = max(1, _count(schema.get("minItems")))
        if count > MAX_MEMBERS:
            raise NoExample("it asks for too long a list")
        return [self.value(schema.get("items", {}), name, depth + 1) for _ in range(count)]

    def _text(self, schema: Mapping[str, Any], name: str) -> JsonValue:
        if isinstance(schema.get("pattern"), str):
            raise NoExample(f"'{name[:60]}' must match a pattern")
        word = FORMATS.get(str(schema.get("format"))) or self._by_name(name)
        least, most = _count(schema.get("minLength")), schema.get("maxLength")
        if least > MAX_LENGTH:
            raise NoExample(f"'{name[:60]}' must be too long")
        text = word + "x" * max(0, least - len(word))
        return text[:most] if isinstance(most, int) and not isinstance(most, bool) and most >= least else text

    def _by_name(self, name: str) -> str:
        words = _words(name)
        if words and words[-1] in FOLDERS:
            return SANDBOX
        if words and words[-1] in FILES:
            return self._path
        return NAMES.get(words[-1], "example") if words else "example"


def names_a_file(schema: JsonValue) -> bool:
    """Whether an argument is likely to be the path of a file."""
    return any(_words(name)[-1:] and _words(name)[-1] in FILES for name in properties_of(schema))


def escaped(value: JsonValue) -> JsonValue:
    """`value` as a suite must write it, so that it comes out as it is."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, list):
        return [escaped(element) for element in value]
    if isinstance(value, dict):
        return {key: escaped(member) for key, member in value.items()}
    return value


_NOTHING: Any = object()


def _given(schema: Mapping[str, Any]) -> Any:
    """What the schema itself gives as a value, if anything."""
    for key in ("const", "default", "example"):
        if schema.get(key) is not None:
            return schema[key]
    for key in ("examples", "enum"):
        values = schema.get(key)
        if isinstance(values, list) and values:
            return values[0]
    return _NOTHING


def _number(schema: Mapping[str, Any], *, whole: bool) -> JsonValue:
    """The number nearest to 1 that the bounds allow."""
    low, high = _bound(schema, "minimum", "exclusiveMinimum", 1), _bound(schema, "maximum", "exclusiveMaximum", -1)
    value = 1.0
    if low is not None:
        value = max(value, low)
    if high is not None:
        value = min(value, high)
    step = schema.get("multipleOf")
    if isinstance(step, int | float) and not isinstance(step, bool) and step > 0:
        value = step * max(1, round(value / step))
    if value != value or abs(value) > 2**53:
        raise NoExample("its number is out of range")
    return int(value) if whole or value == int(value) else value


def _bound(schema: Mapping[str, Any], inclusive: str, exclusive: str, step: int) -> float | None:
    for key, beyond in ((inclusive, 0), (exclusive, step)):
        value = schema.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value) + beyond
    return None


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _words(name: str) -> list[str]:
    """`sourceFile` and `source_file` as words."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name[:200])
    return spaced.replace("_", " ").replace("-", " ").split()
