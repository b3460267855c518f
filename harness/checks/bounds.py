"""The checks on numbers: `min` and `max`, both inclusive."""

from typing import Any

from harness.checks.budget import Budget
from harness.checks.show import Mismatch, show, show_typed


def is_at_least(smallest: float, actual: Any, budget: Budget) -> Mismatch | None:
    """The value is a number and not smaller. A boolean is no number; NaN fails."""
    holds = _is_number(actual) and actual >= smallest
    return None if holds else Mismatch(f"number of at least {_plain(smallest)}", _show_number(actual))


def is_at_most(largest: float, actual: Any, budget: Budget) -> Mismatch | None:
    """The value is a number and not larger. A boolean is no number; NaN fails."""
    holds = _is_number(actual) and actual <= largest
    return None if holds else Mismatch(f"number of at most {_plain(largest)}", _show_number(actual))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _show_number(value: Any) -> str:
    return show(value) if _is_number(value) else show_typed(value)


def _plain(limit: float) -> str:
    return f"{limit:.15g}"
