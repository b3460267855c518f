"""The check `field_type`, a JSON type by name; and what of a value is there at all: `exists`, `not_null`."""

from typing import Any

from harness.checks.setting import Setting
from harness.checks.show import Mismatch, show, show_typed, type_name
from harness.models.expected import FieldType


def has_type(expected: FieldType, actual: Any, setting: Setting) -> Mismatch | None:
    """`integer` is a number without a fractional part, so 1.0 is one; a boolean is neither number nor integer."""
    holds = _is_integer(actual, setting) if expected is FieldType.INTEGER else type_name(actual) == expected
    return None if holds else Mismatch(str(expected), show_typed(actual))


def exists(wanted: bool, actual: Any, setting: Setting) -> Mismatch | None:
    """Something is at the path, as `actual` proves: that is right, or what is wrong."""
    return None if wanted else Mismatch("nothing", show(actual))


def is_not_null(wanted: bool, actual: Any, setting: Setting) -> Mismatch | None:
    """The value is not null."""
    return Mismatch("a value that is not null", "null") if wanted and actual is None else None


def _is_integer(value: Any, setting: Setting) -> bool:
    if isinstance(value, float):
        return value.is_integer() and not setting.terms.tell_integers
    return isinstance(value, int) and not isinstance(value, bool)
