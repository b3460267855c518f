"""What pydantic found wrong with a value, in one sentence for the author of the file.

Owns the words. The places come from `shape.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from harness.suites.findings import Findings, quoted
from harness.suites.shape import Path, Shape
from harness.suites.tree import Mark, kind_of

_WANTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}
TRANSPORT = "transport"
LATER_TRANSPORTS = frozenset({"sse", "websocket"})
"""Words of the documents that no transport of ours speaks."""
_YAML_1_1_BOOLEANS = frozenset({"yes", "no", "on", "off", "y", "n"})


def word_errors(error: ValidationError, shape: Shape, findings: Findings) -> None:
    """Add one finding for each error of a validation."""
    found = {_path_of(details): details for details in error.errors(include_url=False)}
    for path, details in found.items():
        if details["type"] == "missing":
            _word_missing(path, details["input"], shape, findings)
        else:
            message, hint = _sentence(path, details, shape, findings)
            findings.error(shape.spot_of(path).value, message, hint)


def _path_of(details: ErrorDetails) -> Path:
    return tuple(part for part in details["loc"] if part != "[key]")


def _word_missing(path: Path, found: object, shape: Shape, findings: Findings) -> None:
    parent, key = path[:-1], path[-1]
    name = found.get("name") if isinstance(found, dict) else None
    called = f" ({quoted(name)})" if parent and isinstance(name, str) else ""
    where = describe(parent) if parent else shape.whole
    findings.error(_start_of(parent, shape), f"{quoted(str(key))} is missing in {where}{called}")


def _start_of(path: Path, shape: Shape) -> Mark:
    """Where an author looks for a mapping: its first key in a list, its own key elsewhere."""
    spot = shape.spot_of(path)
    return spot.key if path and isinstance(path[-1], str) else spot.value


def _sentence(path: Path, details: ErrorDetails, shape: Shape, findings: Findings) -> tuple[str, str]:
    subject, found = describe(path) if path else shape.whole, details["input"]
    if (wanted := _WANTED.get(details["type"])) is not None:
        return f"{subject} must be {wanted}, not {_shown(found)}", _type_hint(wanted, found)
    if details["type"] == "string_too_short" and found == "":
        return f"{subject} must not be empty", ""
    if details["type"] == "too_long":
        limits = details.get("ctx", {})
        return f"{subject} must have at most {limits['max_length']} items, not {limits['actual_length']}", ""
    if path[-1:] == (TRANSPORT,) and isinstance(found, str) and found.lower() in LATER_TRANSPORTS:
        hint = "write http where the server speaks streamable HTTP as well, or stdio"
        return f"transport {_shown(found)} is not supported yet", hint
    word = _BOUNDS.get(details["type"])
    context = details.get("ctx", {})
    if word is not None:
        return f"{subject} must be {word(context)}, not {_shown(found)}", ""
    if details["type"] in ("enum", "literal_error"):
        return _closed_set(subject, str(context.get("expected", "")), found, findings)
    return f"{subject}: {details['msg']}", ""


_BOUNDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than": lambda bound: f"more than {bound['gt']:g}",
    "greater_than_equal": lambda bound: f"at least {bound['ge']:g}",
    "less_than": lambda bound: f"less than {bound['lt']:g}",
    "less_than_equal": lambda bound: f"at most {bound['le']:g}",
    "string_too_long": lambda bound: f"at most {bound['max_length']} characters long",
}


def _closed_set(subject: str, expected: str, found: object, findings: Findings) -> tuple[str, str]:
    words = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
    hint = findings.did_you_mean(found, words) if isinstance(found, str) else ""
    return f"{subject} must be {' or '.join(words)}, not {_shown(found)}", hint


def _type_hint(wanted: str, found: object) -> str:
    if wanted == "text" and isinstance(found, int | float):
        return "put it in quotes"
    if wanted == "true or false" and isinstance(found, str):
        return "YAML 1.2 knows only true and false" if found.lower() in _YAML_1_1_BOOLEANS else ""
    return "remove the quotes" if isinstance(found, str) and wanted.endswith("number") and _is_number(found) else ""


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()


def _shown(found: object) -> str:
    if isinstance(found, str):
        return quoted(found)
    if found is None or isinstance(found, list | dict):
        return kind_of(found)
    return str(found).lower() if isinstance(found, bool) else f"{found}"[:40]


def describe(path: Path) -> str:
    """A place in the words of the format: `'timeout_seconds'`, `item 2 of 'tags'`, `the suite`."""
    if not path:
        return "the suite"
    last, parent = path[-1], path[:-1]
    if isinstance(last, str):
        return quoted(last)
    names = [part for part in parent if isinstance(part, str)]
    return f"item {last + 1} of {quoted(names[-1])}" if names else f"item {last + 1}"
