"""When two JSON values are the same: types matter, except that 1 is 1.0; `true` is never 1; NaN equals nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.checks.budget import Budget

ABSENT = object()  # stands for a member that only the other side has

Steps = tuple[Any, ...]  # (steps to the parent, key), or () at the root: cheap to make for every node


@dataclass(frozen=True)
class Difference:
    """The first place, in document order, where two values differ. One side is ABSENT when its member is missing."""

    keys: tuple[str | int, ...]
    left: Any
    right: Any


def same_json(left: Any, right: Any, budget: Budget) -> bool:
    """Deep equality of two JSON values; raises BudgetSpent."""
    return first_difference(left, right, budget) is None


def first_difference(left: Any, right: Any, budget: Budget) -> Difference | None:
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
            pairs = enumerate(zip(one, other, strict=True))
            waiting.extend(reversed([((steps, at), *pair) for at, pair in pairs]))
        elif not _same_scalar(one, other, budget):
            return Difference(_keys(steps), one, other)
    return None


def _members(steps: Steps, one: dict[str, Any], other: dict[str, Any]) -> Iterator[tuple[Steps, Any, Any]]:
    for key, value in one.items():
        yield (steps, key), value, other.get(key, ABSENT)
    for key, value in other.items():
        if key not in one:
            yield (steps, key), ABSENT, value


def _same_scalar(one: Any, other: Any, budget: Budget) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, str) and isinstance(other, str):
        budget.spend_text(min(len(one), len(other)))
        return one == other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    return one is None and other is None


def _keys(steps: Steps) -> tuple[str | int, ...]:
    keys = []
    while steps:
        steps, key = steps
        keys.append(key)
    return tuple(reversed(keys))
