"""The check `value`: exactly this JSON value."""

from typing import Any

from harness.checks.budget import Budget
from harness.checks.equality import ABSENT, Difference, first_difference
from harness.checks.show import Mismatch, show, show_texts, show_typed, type_name
from harness.safe_text import one_line

MAX_PLACE = 80  # characters of the place of a difference


def is_value(expected: Any, actual: Any, budget: Budget) -> Mismatch | None:
    """JSON equality, deep: 1 equals 1.0, `true` does not equal 1, the order of members does not count."""
    difference = first_difference(expected, actual, budget)
    if difference is None:
        return None
    mismatch = _sides(difference)
    if not difference.keys:
        return mismatch
    place = _place(difference.keys)
    return Mismatch(f"{place}: {mismatch.expected}", f"{place}: {mismatch.actual}")


def _sides(difference: Difference) -> Mismatch:
    left, right = difference.left, difference.right
    if left is ABSENT or right is ABSENT:
        return Mismatch(_show_present(left), _show_present(right))
    if type_name(left) != type_name(right):
        return Mismatch(show_typed(left), show_typed(right))
    if isinstance(left, str):
        return show_texts(left, right)
    if isinstance(left, list):
        return Mismatch(_show_array(left), _show_array(right))
    return Mismatch(show(left), show(right))


def _show_present(side: Any) -> str:
    return "nothing" if side is ABSENT else show(side)


def _show_array(array: list[Any]) -> str:
    return f"{len(array)} elements: {show(array)}"


def _place(keys: tuple[str | int, ...]) -> str:
    steps = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return one_line("at " + "".join(steps).removeprefix("."), MAX_PLACE)
