"""How values look in a failure: short, printable, on one line. Never reads more of a value than it shows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.safe_text import one_line

LIMIT = 300  # characters of `expected` and of `actual`
MAX_DEPTH = 8
MAX_INTEGER_BITS = 1_000  # longer ones are not written out: Python itself refuses above 4300 digits
CONTEXT = 40  # characters shown before the first difference of two long texts
CHUNK = 4_096


@dataclass(frozen=True)
class Mismatch:
    """Why a check does not hold: two short printable texts that stand beside each other.

    `diff`: the same at length, on several lines; empty where the two texts say all.
    """

    expected: str
    actual: str
    diff: str = ""


def type_name(value: Any) -> str:
    """The JSON type of a value, in the words of the suite format."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "object" if isinstance(value, dict) else "array"


def show(value: Any, limit: int = LIMIT) -> str:
    """`value` as JSON, escaped and cut at `limit` characters."""
    pieces: list[str] = []
    length = 0
    for piece in _pieces(value, limit, 0):
        pieces.append(piece)
        length += len(piece)
        if length > limit:
            break
    return one_line("".join(pieces), limit)


def show_typed(value: Any) -> str:
    """`value` and its type, for when the type is what is wrong: `"10" (string)`."""
    if value is None:
        return "null"
    kind = type_name(value)
    return f"{show(value, LIMIT - len(kind) - 3)} ({kind})"


def show_texts(expected: str, actual: str) -> Mismatch:
    """Two different texts; of long ones the part around the first difference."""
    start = max(0, _first_difference(expected, actual) - CONTEXT)
    if start == 0 or max(len(expected), len(actual)) <= CONTEXT * 2:
        return Mismatch(show(expected), show(actual))
    return Mismatch(
        "..." + show(expected[start : start + LIMIT], LIMIT - 3), "..." + show(actual[start : start + LIMIT], LIMIT - 3)
    )


def _first_difference(one: str, other: str) -> int:
    shorter = min(len(one), len(other))
    for chunk in range(0, shorter, CHUNK):
        if one[chunk : chunk + CHUNK] != other[chunk : chunk + CHUNK]:
            end = min(chunk + CHUNK, shorter)
            return next((at for at in range(chunk, end) if one[at] != other[at]), end)
    return shorter


def _pieces(value: Any, limit: int, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield json.dumps(value[: limit + 1], ensure_ascii=False)
    elif isinstance(value, dict):
        yield from _members(value, limit, depth)
    elif isinstance(value, list | tuple):
        yield from _elements(value, limit, depth)
    else:
        yield _scalar(value)


def _members(value: dict[str, Any], limit: int, depth: int) -> Iterator[str]:
    if depth == MAX_DEPTH and value:
        yield "{...}"
        return
    yield "{"
    for position, (key, member) in enumerate(value.items()):
        yield ", " if position else ""
        yield from _pieces(key, limit, depth)
        yield ": "
        yield from _pieces(member, limit, depth + 1)
    yield "}"


def _elements(value: list[Any] | tuple[Any, ...], limit: int, depth: int) -> Iterator[str]:
    if depth == MAX_DEPTH and value:
        yield "[...]"
        return
    yield "["
    for position, element in enumerate(value):
        yield ", " if position else ""
        yield from _pieces(element, limit, depth + 1)
    yield "]"


def _scalar(value: Any) -> str:
    if isinstance(value, int) and value.bit_length() > MAX_INTEGER_BITS:
        return f"an integer of {value.bit_length()} bits"
    return json.dumps(value)
