"""Name of a check in the suite format → the function that judges it. A new check is one file and one line here."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from harness.checks.bounds import has_decimal_places, is_at_least, is_at_most, is_greater, is_less
from harness.checks.case import Case, Found
from harness.checks.errors import ends_as_expected, has_error_code, has_error_message
from harness.checks.expected_errors import has_expected_errors
from harness.checks.extra_fields import has_no_extra_fields
from harness.checks.field_type import exists, has_type, is_not_null
from harness.checks.keys import has_keys, has_no_other_keys
from harness.checks.response_size import is_small_enough
from harness.checks.schema_checks import obeys_output_schema, obeys_schema
from harness.checks.security import gives_nothing_away
from harness.checks.setting import Setting
from harness.checks.show import Mismatch
from harness.checks.sizes import has_array_length, has_max_length, has_min_length
from harness.checks.text import contains, contains_all, ends_with, matches, starts_with
from harness.checks.value import is_not_value, is_one_of, is_value

# What the author wrote under the key, the value at the path, all else that counts → why it does not hold, or None.
FieldCheck = Callable[[Any, Any, Setting], Mismatch | None]
# What does not hold of the whole answer.
AnswerCheck = Callable[[Case], Iterator[Found]]

FIELD_CHECKS: Mapping[str, FieldCheck] = MappingProxyType(
    {
        "exists": exists,
        "not_null": is_not_null,
        "value": is_value,
        "not_value": is_not_value,
        "one_of": is_one_of,
        "field_type": has_type,
        "pattern": matches,
        "contains": contains,
        "contains_all": contains_all,
        "starts_with": starts_with,
        "ends_with": ends_with,
        "min": is_at_least,
        "max": is_at_most,
        "greater_than": is_greater,
        "greater_equal": is_at_least,
        "less_than": is_less,
        "less_equal": is_at_most,
        "decimal_places": has_decimal_places,
        "min_length": has_min_length,
        "max_length": has_max_length,
        "array_length": has_array_length,
        "keys": has_keys,
        "strict_keys": has_no_other_keys,
    }
)

# No array satisfies these: of several values at one path they judge each.
PER_VALUE = frozenset(
    {
        "not_null", "pattern", "starts_with", "ends_with", "min", "max", "greater_than", "greater_equal", "less_than",
        "less_equal", "decimal_places", "keys", "strict_keys",
    }
)  # fmt: skip

# What stands beside checks of a field and says how, where or how strictly they are judged.
FIELD_OPTIONS = frozenset({"path", "flags", "each", "case_sensitive", "severity", "required"})

# On the end of the call, before `fields`: the first one decides whether the rest of the answer is worth judging.
END_CHECKS: Mapping[str, AnswerCheck] = MappingProxyType(
    {
        "error": ends_as_expected,
        "error_code": has_error_code,
        "error_message_contains": has_error_message,
        "expected_errors": has_expected_errors,
    }
)

# On the answer as a whole, after `fields`, in this order. The check `snapshot` comes last (`judge.py`).
ANSWER_CHECKS: Mapping[str, AnswerCheck] = MappingProxyType(
    {
        "json_schema": obeys_schema,
        "check_output_schema": obeys_output_schema,
        "allow_extra_fields": has_no_extra_fields,
        "response_limits": is_small_enough,
        "security_constraints": gives_nothing_away,
    }
)

# What says how the checks of an expectation are judged.
ANSWER_OPTIONS = frozenset(
    {
        "fields", "subject", "schema_file", "redactions", "ignore_order", "case_sensitive", "normalize_whitespace",
        "trim_strings", "convert_types", "strict_mode", "continue_on_validation_error", "max_validation_errors",
    }
)  # fmt: skip
