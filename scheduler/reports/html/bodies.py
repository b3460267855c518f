"""Makes JSON of servers fit for the page: bounded, printable, its numbers as they were written. Pure.

A browser reads every number as a float, so what it would change (large integers, 1.0) travels as its text in
`{NUMBER: "1.0"}`. What was cut is `{CUT: "and 12 more"}`. No key of others can look so: control characters in keys
become escapes.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from harness.safe_text import safe_text

NUMBER, CUT = "\x01number", "\x01cut"
MAX_DEPTH = 60
MAX_EXACT = 2**53 - 1
MAX_KEY = 500
MAX_INTEGER_BITS = 1_000


@dataclass
class _Room:
    """Characters that are left."""

    left: int
    is_cut: bool = False

    def take(self, size: int) -> bool:
        """Whether there was room; the first thing that finds none ends it."""
        if self.left <= 0:
            self.is_cut = True
            return False
        self.left -= size
        return True


def bounded(value: JsonValue, limit: int) -> tuple[JsonValue, bool]:
    """`value` in about `limit` characters of JSON, and whether something was cut."""
    room = _Room(limit)
    shown = _shown(value, room, 0)
    return shown, room.is_cut


def _shown(value: JsonValue, room: _Room, depth: int) -> Any:
    if isinstance(value, str):
        return _text(value, room)
    if isinstance(value, dict | list):
        if depth == MAX_DEPTH and value:
            room.is_cut = True
            return {CUT: "deeper than is shown"}
        return _members(value, room, depth) if isinstance(value, dict) else _elements(value, room, depth)
    room.take(8)
    return _number(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _text(value: str, room: _Room) -> str:
    limit = max(room.left, 0)
    room.take(len(value) + 2)
    room.is_cut |= len(value) > limit
    return safe_text(value, max(limit, 3))


def _members(value: dict[str, JsonValue], room: _Room, depth: int) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for place, (key, member) in enumerate(value.items()):
        if not room.take(len(key) + 4):
            return shown | {CUT: f"and {len(value) - place:,} more"}
        shown[safe_text(key, MAX_KEY)] = _shown(member, room, depth + 1)
    return shown


def _elements(value: list[JsonValue], room: _Room, depth: int) -> list[Any]:
    shown: list[Any] = []
    for place, element in enumerate(value):
        if not room.take(2):
            return [*shown, {CUT: f"and {len(value) - place:,} more"}]
        shown.append(_shown(element, room, depth + 1))
    return shown


def _number(value: int | float) -> Any:
    if isinstance(value, float):
        if not math.isfinite(value):
            return {NUMBER: str(value)}
        return {NUMBER: json.dumps(value)} if value.is_integer() else value
    if value.bit_length() > MAX_INTEGER_BITS:
        return {NUMBER: f"an integer of {value.bit_length()} bits"}
    return value if abs(value) <= MAX_EXACT else {NUMBER: str(value)}
