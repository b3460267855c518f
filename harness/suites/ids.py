"""Stable names of suites, targets and tests: the parts of a test's id.

An id outlives renumbering and moves between machines; it stands in URLs, reports and message bodies. So it is made of
`A-Z a-z 0-9 _ . -` only, and bounded. Never an index.
"""

import hashlib
import re

MAX_SLUG_CHARACTERS = 64
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
