"""The checks on numbers: `min`, `max`, their other words, `decimal_places`. A boolean is no number; NaN fails."""

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from harness.checks.setting import Setting
from harness.checks.show import Mismatch, show, show_typed

Compare = Callable[[Any, Any], bool]


def is_at_least(smallest: float, actual: Any, setting: Setting) -> Mismatch | None:
    """The value is a number and not smaller."""
    return _compared(actual, operator.ge, smallest, "number of at least", setting)


def is_at_most(largest: float, actual: Any, setting: Setting) -> Mismatch | None:
    """The value is a number and not larger."""
    return _compared(actual, operator.le, largest, "number of at most", setting)


def is_greater(limit: float, actual: Any, setting: Setting) -> Mismatch | None:
    """The value is a number and larger."""
    return _compared(actual, operator.gt, limit, "number greater than", setting)


def is_less(limit: float, actual: Any, setting: Setting) -> Mismatch | None:
    """The value is a number and smaller."""
    return _compared(actual, operator.lt, limit, "number less than", setting)


def has_decimal_places(most: int, actual: Any, setting: Setting) -> Mismatch | None:
    """The number has no more decimal places than that. JSON keeps no zeros at the end: 1.50 has one."""
    number = setting.terms.number(actual)
    if number is not None and _decimal_places(number) <= most:
        return None
    return Mismatch(f"number of at most {most} decimal places", _show_number(actual, setting))


def _compared(actual: Any, compare: Compare, limit: float, words: str, setting: Setting) -> Mismatch | None:
    number = setting.terms.number(actual)
    if number is not None and compare(number, limit):
        return None
    return Mismatch(f"{words} {_plain(limit)}", _show_number(actual, setting))


def _decimal_places(number: float) -> float:
    if isinstance(number, int):
        return 0
    exponent = Decimal(repr(number)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else float("inf")  # NaN and infinities have none


def _show_number(value: Any, setting: Setting) -> str:
    is_plain_number = setting.terms.number(value) is not None and not isinstance(value, str)
    return show(value) if is_plain_number else show_typed(value)


def _plain(limit: float) -> str:
    return f"{limit:.15g}"
