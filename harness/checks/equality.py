"""When two JSON values are the same: types matter, except that 1 is 1.0; `true` is never 1; NaN equals nothing.

`Terms` loosen that, or make it stricter.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.checks.budget import Budget
from harness.checks.fingerprint import fingerprint
from harness.checks.terms import EXACTLY, Terms, scalar_text

ABSENT = object()  # stands for a member that only the other side has

Steps = tuple[Any, ...]  # (steps to the parent, key), or () at the root: cheap to make for every node


@dataclass(frozen=True)
class Difference:
    """The first place, in document order, where two values differ. One side is ABSENT when its member is missing."""

    keys: tuple[str | int, ...]
    left: Any
    right: Any


def same_json(left: Any, right: Any, budget: Budget, terms: Terms = EXACTLY) -> bool:
    """Deep equality of two JSON values; raises BudgetSpent."""
    return first_difference(left, right, budget, terms) is None


def first_difference(left: Any, right: Any, budget: Budget, terms: Terms = EXACTLY) -> Difference | None:
    """Where two JSON values first differ, or None; without recursion; raises BudgetSpent."""
    waiting: list[tuple[Steps, Any, Any]] = [((), left, right)]
    while waiting:
        steps, one, other = waiting.pop()
        budget.spend()
        if isinstance(one, dict) and isinstance(other, dict):
            budget.spend(len(one) + len(other))
            waiting.extend(reversed(list(_members(steps, one, other))))
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            budget.spend(len(one))
            if terms.ignore_order and _same_elements(one, other, budget, terms):
                continue
            if terms.ignore_order:
                return Difference(_keys(steps), one, other)
            pairs = enumerate(zip(one, other, strict=True))
            waiting.extend(reversed([((steps, at), *pair) for at, pair in pairs]))
        elif not _same_scalar(one, other, budget, terms):
            return Difference(_keys(steps), one, other)
    return None


def _members(steps: Steps, one: dict[str, Any], other: dict[str, Any]) -> Iterator[tuple[Steps, Any, Any]]:
    for key, value in one.items():
        yield (steps, key), value, other.get(key, ABSENT)
    for key, value in other.items():
        if key not in one:
            yield (steps, key), ABSENT, value


def _same_elements(one: list[Any], other: list[Any], budget: Budget, terms: Terms) -> bool:
    """Each element as often in one array as in the other."""
    left, right = (Counter(fingerprint(item, budget, terms) for item in side) for side in (one, other))
    return left == right


def _same_scalar(one: Any, other: Any, budget: Budget, terms: Terms) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return _same_text(one, other, budget, terms)
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other or _same_converted(one, other, budget, terms)
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other and not (terms.tell_integers and type(one) is not type(other))
    return _same_converted(one, other, budget, terms)


def _same_text(one: str, other: str, budget: Budget, terms: Terms) -> bool:
    if terms.change_texts:
        return terms.comparable(one, budget) == terms.comparable(other, budget)
    budget.spend_text(min(len(one), len(other)))
    return one == other


def _same_converted(one: Any, other: Any, budget: Budget, terms: Terms) -> bool:
    """One is a text, and says what the other is."""
    if not terms.convert_types or isinstance(one, str) == isinstance(other, str):
        return False
    text, value = (one, other) if isinstance(one, str) else (other, one)
    if value is not None and not isinstance(value, bool | int | float):
        return False
    return _same_text(text, scalar_text(value), budget, terms)


def _keys(steps: Steps) -> tuple[str | int, ...]:
    keys = []
    while steps:
        steps, key = steps
        keys.append(key)
    return tuple(reversed(keys))
