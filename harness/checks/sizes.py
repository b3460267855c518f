"""The checks on sizes: `min_length` and `max_length` of a string (code points), array or object; `array_length`."""

from typing import Any

from harness.checks.setting import Setting
from harness.checks.show import Mismatch, show, show_typed

UNITS = ((str, "characters"), (list, "elements"), (dict, "members"))
SHOWN = 250  # characters of the value itself beside its length


def has_min_length(smallest: int, actual: Any, setting: Setting) -> Mismatch | None:
    """The value has a length, and it is not smaller."""
    holds = _has_length(actual) and len(actual) >= smallest
    return None if holds else Mismatch(f"length of at least {smallest}", _show_length(actual))


def has_max_length(largest: int, actual: Any, setting: Setting) -> Mismatch | None:
    """The value has a length, and it is not larger."""
    holds = _has_length(actual) and len(actual) <= largest
    return None if holds else Mismatch(f"length of at most {largest}", _show_length(actual))


def has_array_length(length: int, actual: Any, setting: Setting) -> Mismatch | None:
    """The value is an array of exactly that many elements."""
    holds = isinstance(actual, list) and len(actual) == length
    return None if holds else Mismatch(f"array of {length} elements", _show_length(actual))


def _has_length(value: Any) -> bool:
    return isinstance(value, str | list | dict)


def _show_length(value: Any) -> str:
    for kind, unit in UNITS:
        if isinstance(value, kind):
            return f"{len(value)} {unit}: {show(value, SHOWN)}"
    return show_typed(value)
