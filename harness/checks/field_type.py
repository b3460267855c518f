"""The check `field_type`: a JSON type by name."""

from typing import Any

from harness.checks.budget import Budget
from harness.checks.show import Mismatch, show_typed, type_name
from harness.models.expected import FieldType


def has_type(expected: FieldType, actual: Any, budget: Budget) -> Mismatch | None:
    """`integer` is a number without a fractional part, so 1.0 is one; a boolean is neither number nor integer."""
    holds = _is_integer(actual) if expected is FieldType.INTEGER else type_name(actual) == expected
    return None if holds else Mismatch(str(expected), show_typed(actual))


def _is_integer(value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)
