"""Values as YAML on one line, and comments: JSON in double quotes, everything escaped that a suite may not hold."""

import json
import re

from pydantic import JsonValue

from harness.safe_text import one_line

MAX_COMMENT = 140
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def text(value: str) -> str:
    """A text in double quotes."""
    return '"' + "".join(map(_character, value)) + '"'


def value(given: JsonValue) -> str:
    """A value on one line."""
    if isinstance(given, str):
        return text(given)
    if isinstance(given, dict):
        return "{" + ", ".join(f"{key(name)}: {value(member)}" for name, member in given.items()) + "}"
    if isinstance(given, list):
        return "[" + ", ".join(map(value, given)) + "]"
    return json.dumps(given, allow_nan=False)


def comment(said: str, indent: int = 0) -> str:
    """One line that says nothing to a program."""
    return f"{' ' * indent}# {one_line(said, MAX_COMMENT)}"


def key(name: str) -> str:
    """A key: plain, where that can mean only this name, to readers of older YAML as well."""
    return name if _PLAIN_KEY.fullmatch(name) and name.lower() not in _WORDS else text(name)


def _character(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    code = ord(character)
    if 0x20 <= code <= 0x7E or (0xA0 <= code <= 0xD7FF and character.isprintable()):
        return character
    if 0xD800 <= code <= 0xDFFF:
        return "\\uFFFD"  # half a character, which YAML cannot hold
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
