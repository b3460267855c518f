"""Removes the values of secrets from whatever leaves a worker: texts, JSON values, bytes. Costs nothing without any.

A value goes in every form of `encodings.py`, and what is left of one where a text was cut: before `...`, behind it, and
at the beginning of a text of which only the end was kept.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import JsonValue

from harness.safe_text import MARK
from harness.secrets.encodings import forms_of

SHORTEST_PIECE = 4
"""Of a value that was cut. Less says little, and is found everywhere."""
_CUT = MARK.encode()


class Scrubber:
    """Knows secrets by name; each value becomes `[secret:NAME]`."""

    def __init__(self, values: Iterable[tuple[str, str]]) -> None:
        """`values`: pairs of name and value; one name may have had several."""
        self._names = {form: name for name, value in values for form in forms_of(value)}
        self._pattern = _any_of(self._names) if self._names else None

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to look for."""
        return self._pattern is None

    def scrub(self, content: bytes) -> bytes:
        """The content without any value."""
        if self._pattern is None:
            return content
        return self._without_pieces(self._pattern.sub(lambda found: self._mark(found[0]), content))

    def text(self, text: str) -> str:
        """The same for a text."""
        if self._pattern is None:
            return text
        return self.scrub(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def tail(self, text: str) -> str:
        """The same for the end of a longer text: it may begin in the middle of a value."""
        if self._pattern is None:
            return text
        return self.text(MARK + text).removeprefix(MARK)

    def value(self, value: JsonValue) -> JsonValue:
        """The same for all texts in a JSON value, and the names of its members."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(element) for element in value]
        if isinstance(value, dict):
            return {self.text(name): self.value(member) for name, member in value.items()}
        return value

    def _mark(self, form: bytes) -> bytes:
        return f"[secret:{self._names[form]}]".encode()

    def _without_pieces(self, content: bytes) -> bytes:
        if _CUT not in content:
            return content
        for form in self._names:
            for begin, end in (*_heads(content, form), *_tails(content, form)):
                content = content[:begin] + b"?" * (end - begin) + content[end:]
        return content


def _any_of(forms: Iterable[bytes]) -> Any:
    """Finds the longest of the forms, wherever they begin."""
    import re2  # noqa: PLC0415  # most workers have no secrets, and start faster without it

    return re2.compile(b"|".join(re2.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form))))


def _heads(content: bytes, form: bytes) -> Iterator[tuple[int, int]]:
    """Where the beginning of `form` stands before a cut."""
    at = content.find(form[:SHORTEST_PIECE])
    while at >= 0:
        length = SHORTEST_PIECE
        while length < len(form) and content[at + length : at + length + 1] == form[length : length + 1]:
            length += 1
        if content.startswith(_CUT, at + length):
            yield at, at + length
        at = content.find(form[:SHORTEST_PIECE], at + 1)


def _tails(content: bytes, form: bytes) -> Iterator[tuple[int, int]]:
    """Where the end of `form` stands behind a cut."""
    at = content.find(form[-SHORTEST_PIECE:])
    while at >= 0:
        begin, left = at, len(form) - SHORTEST_PIECE
        while left and begin and content[begin - 1] == form[left - 1]:
            begin, left = begin - 1, left - 1
        if content.endswith(_CUT, 0, begin):
            yield begin, at + SHORTEST_PIECE
        at = content.find(form[-SHORTEST_PIECE:], at + 1)
