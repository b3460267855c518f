"""Which elements of two arrays belong together, for people who read what differs.

By a key that is unique on both sides (`id`, `key`, `name`, `uri`); else equal elements in their order; else by index.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from harness.checks.budget import Budget
from harness.checks.fingerprint import fingerprint
from harness.checks.matching import opcodes
from harness.checks.show import show
from harness.checks.terms import Terms

EXTRA = object()  # stands for what only the other side has: in the array that was expected
MISSING = object()  # and in the actual one
KEYS = ("id", "key", "name", "uri")
WINDOW = 200
"""Elements that are matched in their order. Matching costs their square at worst."""

Pair = tuple[str, Any, Any]  # what stands between the brackets of its path, and both sides


def paired(expected: list[Any], actual: list[Any], terms: Terms, budget: Budget) -> Iterator[Pair]:
    """All elements of both arrays, those that belong together side by side; raises BudgetSpent."""
    budget.spend(len(expected) + len(actual))
    for key in KEYS:
        left, right = _by_key(expected, key), _by_key(actual, key)
        if left is not None and right is not None:
            return _by_name(key, left, right)
    if max(len(expected), len(actual)) <= WINDOW and (len(expected) != len(actual) or terms.ignore_order):
        return _in_order(expected, actual, terms, budget)
    return _by_index(expected, actual, 0)


def _by_key(items: list[Any], key: str) -> dict[str | int, Any] | None:
    """The elements by the value of this key, if each has one of its own."""
    if not items or not all(isinstance(item, dict) and _is_name(item.get(key)) for item in items):
        return None
    named = {item[key]: item for item in items}
    return named if len(named) == len(items) else None


def _is_name(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _by_name(key: str, left: dict[str | int, Any], right: dict[str | int, Any]) -> Iterator[Pair]:
    for name, item in left.items():
        yield f"{key}={show(name, 40)}", item, right.get(name, MISSING)
    for name, item in right.items():
        if name not in left:
            yield f"{key}={show(name, 40)}", EXTRA, item


def _in_order(expected: list[Any], actual: list[Any], terms: Terms, budget: Budget) -> Iterator[Pair]:
    left, right = ([fingerprint(item, budget, terms) for item in side] for side in (expected, actual))
    if terms.ignore_order:
        yield from _leftovers(expected, actual, left, right)
        return
    budget.spend(len(left) * len(right))
    for what, a_from, a_to, b_from, b_to in opcodes(left, right):
        if what != "equal":
            yield from _by_index(expected[a_from:a_to], actual[b_from:b_to], b_from if a_from == a_to else a_from)


def _leftovers(expected: list[Any], actual: list[Any], left: list[bytes], right: list[bytes]) -> Iterator[Pair]:
    """What has no equal on the other side, side by side."""
    missing, extra = _without(left, right), _without(right, left)
    for at, other in zip_longest(missing, extra):
        label = str(other if at is None else at)
        yield label, EXTRA if at is None else expected[at], MISSING if other is None else actual[other]


def _without(prints: list[bytes], others: list[bytes]) -> list[int]:
    """The indices of those that the others do not have, or not as often."""
    left = Counter(others)
    alone = []
    for at, each in enumerate(prints):
        left[each] -= 1
        if left[each] < 0:
            alone.append(at)
    return alone


def _by_index(expected: list[Any], actual: list[Any], first: int) -> Iterator[Pair]:
    for at, (one, other) in enumerate(zip_longest(expected, actual, fillvalue=MISSING), first):
        yield str(at), EXTRA if one is MISSING else one, other
