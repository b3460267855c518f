"""Stable names of suites, targets and tests: the parts of a test's id.

An id outlives renumbering and moves between machines; it stands in URLs, reports and message bodies. So it is made of
`A-Z a-z 0-9 _ . -` only, and bounded; the values of a variant stand in brackets. Never an index.
"""

import hashlib
import re
from collections.abc import Mapping

from pydantic import JsonValue

from harness.expressions import text_of

MAX_SLUG_CHARACTERS = 64
MAX_PLAIN_CHARACTERS = 40
_PLAIN = re.compile(r"[A-Za-z0-9_.+-]+")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]+$")
_OTHER = re.compile(r"[^A-Za-z0-9_.]+")


def slug(name: str) -> str:
    """`name` with each run of anything but letters, digits, `_`, `.` and `-` replaced by one `-`, none at the ends.

    Where that loses what tells names apart (letters outside ASCII, more than 64 characters), a hash of the whole
    name is added.
    """
    replaced = _OTHER.sub("-", name).strip("-")
    if not replaced.strip("."):
        replaced = "-" + replaced
    loses_letters = any(character.isalnum() for character in name if not character.isascii())
    if not loses_letters and len(replaced) <= MAX_SLUG_CHARACTERS:
        return replaced
    digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{replaced[: MAX_SLUG_CHARACTERS - len(digest) - 1]}-{digest}"


def suite_slug(path: str) -> str:
    """The suite part of an id: the file's path within the bundle, without extension, folders joined by dots."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return slug(_EXTENSION.sub("", ".".join(parts)))


def params_text(matrix: Mapping[str, JsonValue]) -> str:
    """What tells a variant from its siblings: `[limit=50,order=asc]`; empty without values."""
    return f"[{','.join(f'{key}={_shown(value)}' for key, value in matrix.items())}]" if matrix else ""


def _shown(value: JsonValue) -> str:
    text = text_of(value)
    return text if len(text) <= MAX_PLAIN_CHARACTERS and _PLAIN.fullmatch(text) else slug(text)
