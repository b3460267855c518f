"""The checks on a whole value: `value`, `not_value`, `one_of`. JSON equality, on the terms of the expectation."""

from typing import Any

from harness.checks.difference import difference
from harness.checks.equality import ABSENT, Difference, first_difference, same_json
from harness.checks.setting import Setting
from harness.checks.show import Mismatch, show, show_texts, show_typed, type_name
from harness.safe_text import one_line

MAX_PLACE = 80  # characters of the place of a difference
MAX_SHOWN = 8  # values of `one_of`


def is_value(expected: Any, actual: Any, setting: Setting) -> Mismatch | None:
    """JSON equality, deep: 1 equals 1.0, `true` does not equal 1, the order of members does not count."""
    found = first_difference(expected, actual, setting.budget, setting.terms)
    if found is None:
        return None
    mismatch = _sides(found)
    diff = difference(expected, actual, setting.terms, setting.budget)
    if not found.keys:
        return Mismatch(mismatch.expected, mismatch.actual, diff)
    place = _place(found.keys)
    return Mismatch(f"{place}: {mismatch.expected}", f"{place}: {mismatch.actual}", diff)


def is_not_value(refused: Any, actual: Any, setting: Setting) -> Mismatch | None:
    """Any other value."""
    if not same_json(refused, actual, setting.budget, setting.terms):
        return None
    return Mismatch(f"anything but {show(refused, 250)}", show(actual))


def is_one_of(allowed: tuple[Any, ...], actual: Any, setting: Setting) -> Mismatch | None:
    """The value equals one of these."""
    if any(same_json(each, actual, setting.budget, setting.terms) for each in allowed):
        return None
    shown = ", ".join(show(each, 60) for each in allowed[:MAX_SHOWN])
    more = f" and {len(allowed) - MAX_SHOWN} more" if len(allowed) > MAX_SHOWN else ""
    is_same_type = type_name(actual) in {type_name(each) for each in allowed}
    return Mismatch(f"one of {shown}{more}", show(actual) if is_same_type else show_typed(actual))


def _sides(found: Difference) -> Mismatch:
    left, right = found.left, found.right
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
