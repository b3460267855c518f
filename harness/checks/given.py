"""Which checks an author asks for: by the keys that he gave."""

from harness.checks.table import FIELD_CHECKS
from harness.models.expected import NULL_COUNTS, Expected, FieldExpectation

WRITTEN = {"json_schema": "schema"}
"""Checks that authors know by another key."""


def given_checks(field: FieldExpectation) -> tuple[str, ...]:
    """The names of the checks at this path."""
    return tuple(
        name
        for name in FIELD_CHECKS
        if name in field.model_fields_set and (name in NULL_COUNTS or getattr(field, name) is not None)
    )


def is_given(name: str, expected: Expected) -> bool:
    """Whether the author asks for this check."""
    is_default = getattr(expected, name) == Expected.model_fields[name].default
    return name == "error" or not is_default or (name == "allow_extra_fields" and expected.strict_mode)
