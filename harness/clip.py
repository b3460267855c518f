"""Makes printable likenesses of JSON values that fit a budget: long texts, lists and objects are cut. Pure."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from pydantic import JsonValue

from harness.safe_text import one_line, safe_text

MAX_NAME_CHARS = 100
_SCALAR_CHARS = 8


class Limits(NamedTuple):
    """How much may stay: about `budget` characters in all, and of each text, each list or object, in depth."""

    budget: int
    text: int
    members: int
    depth: int


class Clipper:
    """Clips one value, or several that share a budget. `is_cut` tells whether something did not stay."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.budget
        self.is_cut = False

    def clip(self, value: Any) -> JsonValue:
        """A likeness of `value`: unsafe characters are escaped, huge numbers named."""
        return self._clip(value, self._limits.depth)

    def _clip(self, value: Any, depth: int) -> JsonValue:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict | list) and not depth:
            self.is_cut = True
            return "{...}" if isinstance(value, dict) else "[...]"
        if isinstance(value, dict):
            return dict(self._members(value, depth))
        if isinstance(value, list):
            return list(self._elements(value, depth))
        self._left -= _SCALAR_CHARS
        return self._scalar(value)

    def _text(self, value: str) -> str:
        limit = max(0, min(self._limits.text, self._left))
        self.is_cut |= len(value) > limit
        text = safe_text(value, limit)
        self._left -= len(text)
        return text

    def _members(self, value: dict[str, Any], depth: int) -> Iterator[tuple[str, JsonValue]]:
        self.is_cut |= len(value) > self._limits.members
        for name, member in islice(value.items(), self._limits.members):
            if self._left <= 0:
                self.is_cut = True
                return
            self._left -= min(len(name), MAX_NAME_CHARS)
            yield one_line(name, MAX_NAME_CHARS), self._clip(member, depth - 1)

    def _elements(self, value: list[Any], depth: int) -> Iterator[JsonValue]:
        self.is_cut |= len(value) > self._limits.members
        for element in islice(value, self._limits.members):
            if self._left <= 0:
                self.is_cut = True
                return
            yield self._clip(element, depth - 1)

    def _scalar(self, value: Any) -> JsonValue:
        """A huge integer is named, not written: Python refuses to write it, and databases to store it."""
        if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 64:
            return f"an integer of {value.bit_length()} bits"
        return value if value is None or isinstance(value, bool | int | float) else str(type(value).__name__)
