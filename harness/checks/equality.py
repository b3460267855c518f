"""When two JSON values are the same: types matter, except that 1 is 1.0; `true` is never 1; NaN equals nothing."""

from typing import Any

from harness.checks.budget import Budget


def same_json(left: Any, right: Any, budget: Budget) -> bool:
    """Deep equality of two JSON values without recursion; raises BudgetSpent."""
    pairs = [(left, right)]
    while pairs:
        one, other = pairs.pop()
        budget.spend()
        if isinstance(one, dict) and isinstance(other, dict):
            if not _same_keys(one, other, budget):
                return False
            pairs.extend((value, other[key]) for key, value in one.items())
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            budget.spend(len(one))
            pairs.extend(zip(one, other, strict=True))
        elif not _same_scalar(one, other, budget):
            return False
    return True


def _same_keys(one: dict[str, Any], other: dict[str, Any], budget: Budget) -> bool:
    budget.spend(len(one))
    return len(one) == len(other) and one.keys() == other.keys()


def _same_scalar(one: Any, other: Any, budget: Budget) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, str) and isinstance(other, str):
        budget.spend_text(min(len(one), len(other)))
        return one == other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    return one is None and other is None
