"""What a key may hold, in an author's words: from the JSON Schema of its model. Pure.

Names of models stay in braces, `{Step}`: whoever makes the page knows where they are shown.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.models.wire import Authored

ANYTHING = "any value"
PLAIN = {"string": "text", "boolean": "true or false", "integer": "integer", "number": "number"}
Part = Mapping[str, Any]


def kinds_of(model: type[Authored]) -> dict[str, str]:
    """Key → kind, limits and default of its value: `number, above 0, at most 60; default 10`."""
    schema = model.model_json_schema(mode="validation", by_alias=False)
    required = schema.get("required", ())
    defs = schema.get("$defs", {})
    return {
        key: f"{_kind(part, defs)}{'; required' if key in required else _default(part)}"
        for key, part in schema["properties"].items()
    }


def _default(part: Part) -> str:
    """The default where it says something: nothing, an empty list and a mapping of defaults do not."""
    match part.get("default"):
        case bool() | int() | float() | str() as value if value != "":
            return f"; default `{str(value).lower() if isinstance(value, bool) else value}`"
        case _:
            return ""


def _kind(part: Part, defs: Part) -> str:
    match part:
        case {"$ref": str(ref)}:
            return _named(ref.rpartition("/")[2], defs)
        case {"anyOf": list(branches)}:
            kinds = (_kind(branch, defs) for branch in branches if branch.get("type") != "null")
            return " or ".join(kinds)
        case {"enum": list(values)}:
            return ", ".join(f"`{value}`" for value in values)
        case {"type": "array", "items": items}:
            return ", ".join((f"list of {_kind(items, defs)}", *_bounds(part, "Items", "")))
        case {"type": "object"}:
            return _mapping(part, defs)
        case {"type": str(kind)}:
            return ", ".join((PLAIN[kind], *_bounds(part, "Length", " characters"), *_range(part)))
        case _:
            return ANYTHING


def _named(name: str, defs: Part) -> str:
    """A set of words, a model, or any JSON value: that has a name, too, and says nothing."""
    if not defs[name]:
        return ANYTHING
    return _kind(defs[name], defs) if "enum" in defs[name] else f"{{{name}}}"


def _mapping(part: Part, defs: Part) -> str:
    kind = _kind(part.get("additionalProperties", {}), defs)
    return "mapping" if kind == ANYTHING else f"mapping to {kind}"


def _bounds(part: Part, of: str, unit: str) -> Iterator[str]:
    """How long a text or list may be; one that must not be empty needs no word."""
    least, most = part.get(f"min{of}", 0), part.get(f"max{of}")
    if least > 1:
        yield f"at least {least}{unit}"
    if most is not None:
        yield f"at most {most:,}{unit}"


def _range(part: Part) -> Iterator[str]:
    if "minimum" in part and "maximum" in part:
        yield f"{part['minimum']:,} to {part['maximum']:,}"
        return
    for key, words in (("exclusiveMinimum", "above"), ("minimum", "at least"), ("maximum", "at most")):
        if key in part:
            yield f"{words} {part[key]:,}"
