"""A readable difference of two values that are too long or too deep to stand beside each other. Pure and bounded.

Texts: `text_difference.py`. JSON: a list of at most 10 entries with their paths: `~ a.b  1 .. 2` (another value),
`! a.b  1 (number) .. "1" (string)` (another type), `- a.b  1` (missing), `+ a.b  2` (extra). The order of keys never
counts; `array_difference.py` says which elements of two arrays belong together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.checks.array_difference import EXTRA, MISSING, paired
from harness.checks.budget import Budget, BudgetSpent
from harness.checks.equality import ABSENT, same_json
from harness.checks.show import show, type_name
from harness.checks.terms import Terms
from harness.checks.text_difference import text_difference
from harness.safe_text import one_line

MAX_ENTRIES = 10
MAX_DEPTH = 64
MAX_STEPS = 100_000
MAX_PATH = 80
VALUE = 60  # characters of a value
ONE_IN = 10  # of what is left of the budget goes into one difference at most


def difference(expected: Any, actual: Any, terms: Terms, budget: Budget) -> str:
    """The lines of it; empty where the two values say all by themselves. Takes part of the budget, never all of it."""
    if isinstance(expected, str) and isinstance(actual, str):
        return text_difference(expected, actual)
    if type_name(expected) != type_name(actual) or not isinstance(expected, dict | list):
        return ""
    share = budget.share(MAX_STEPS, ONE_IN)
    before = share.left
    lines = _listed(_Comparing(terms, share).entries("", expected, actual, 0))
    budget.spend(before - max(0, share.left))
    return "\n".join(lines)


def _listed(entries: Iterator[str]) -> list[str]:
    lines: list[str] = []
    try:
        for entry in entries:
            if len(lines) == MAX_ENTRIES:
                return [*lines, "and more"]
            lines.append(entry)
    except BudgetSpent:
        lines.append("and perhaps more: the values are too large to compare all of them")
    return lines


@dataclass(frozen=True)
class _Comparing:
    terms: Terms
    budget: Budget

    def entries(self, place: str, expected: Any, actual: Any, depth: int) -> Iterator[str]:
        """What differs at `place` and below, in document order."""
        self.budget.spend()
        if expected is ABSENT or actual is ABSENT:
            sign, value = ("+", actual) if expected is ABSENT else ("-", expected)
            yield _entry(sign, place, show(value, VALUE))
        elif type_name(expected) != type_name(actual):
            if not same_json(expected, actual, self.budget, self.terms):
                sides = [f"{show(side, VALUE)} ({type_name(side)})" for side in (expected, actual)]
                yield _entry("!", place, " .. ".join(sides))
        elif depth == MAX_DEPTH or not isinstance(expected, dict | list):
            if not same_json(expected, actual, self.budget, self.terms):
                yield _entry("~", place, f"{show(expected, VALUE)} .. {show(actual, VALUE)}")
        elif isinstance(expected, dict):
            yield from self._members(place, expected, actual, depth)
        else:
            yield from self._elements(place, expected, actual, depth)

    def _members(self, place: str, expected: dict[str, Any], actual: dict[str, Any], depth: int) -> Iterator[str]:
        for key, value in expected.items():
            yield from self.entries(f"{place}.{key[:MAX_PATH]}", value, actual.get(key, ABSENT), depth + 1)
        for key, value in actual.items():
            self.budget.spend()
            if key not in expected:
                yield from self.entries(f"{place}.{key[:MAX_PATH]}", ABSENT, value, depth + 1)

    def _elements(self, place: str, expected: list[Any], actual: list[Any], depth: int) -> Iterator[str]:
        if len(expected) != len(actual):
            yield _entry("~", place, f"{len(expected)} elements .. {len(actual)} elements")
        for label, one, other in paired(expected, actual, self.terms, self.budget):
            sides = (ABSENT if one is EXTRA else one, ABSENT if other is MISSING else other)
            yield from self.entries(f"{place}[{label}]", *sides, depth + 1)


def _entry(sign: str, place: str, said: str) -> str:
    return f"{sign} {one_line(place.removeprefix('.') or 'the value', MAX_PATH)}  {said}"
