"""Which checks an author asks for: by the keys that he gave."""

from harness.checks.table import ANSWER_CHECKS, END_CHECKS, FIELD_CHECKS
from harness.models.expected import NULL_COUNTS, Expected, FieldExpectation

WRITTEN = {"json_schema": "schema"}
"""Checks that authors know by another key."""
_FIELD_ORDER = {name: number for number, name in enumerate(FIELD_CHECKS)}
_ALWAYS = "error"
_OF_STRICT = "allow_extra_fields"
_OF_ANSWER = frozenset({*END_CHECKS, *ANSWER_CHECKS, "snapshot"})
_ANSWER_ORDER = {name: number for number, name in enumerate((*END_CHECKS, *ANSWER_CHECKS, "snapshot"))}


def given_checks(field: FieldExpectation) -> tuple[str, ...]:
    """The names of the checks at this path."""
    given = [name for name in field.model_fields_set if name in _FIELD_ORDER]
    kept = [name for name in given if name in NULL_COUNTS or getattr(field, name) is not None]
    return tuple(sorted(kept, key=_FIELD_ORDER.__getitem__))


def given_answer_checks(expected: Expected) -> tuple[str, ...]:
    """The keys of the checks on the answer as a whole. How a call ends is always checked."""
    given = {name for name in expected.model_fields_set & _OF_ANSWER if _is_asked(name, expected)}
    given.add(_ALWAYS)
    if expected.strict_mode:
        given.add(_OF_STRICT)
    if expected.schema_file is not None:
        given.add("json_schema")
    return tuple(sorted(given, key=_ANSWER_ORDER.__getitem__))


def _is_asked(name: str, expected: Expected) -> bool:
    """A key that says what it would say if it were not there asks for nothing."""
    return bool(getattr(expected, name) != Expected.model_fields[name].default)
