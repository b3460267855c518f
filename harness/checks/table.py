"""Name of a check in the suite format → the function that judges it. A new check is one file and one line here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from harness.checks.answer import Answer
from harness.checks.bounds import is_at_least, is_at_most
from harness.checks.budget import Budget
from harness.checks.errors import ends_as_expected, has_error_code, has_error_message
from harness.checks.field_type import has_type
from harness.checks.show import Mismatch
from harness.checks.sizes import has_array_length, has_max_length, has_min_length
from harness.checks.text import contains, matches
from harness.checks.value import is_value
from harness.models.expected import Expected

# What the author wrote under the key, the value at the path, the budget → why it does not hold, or None.
FieldCheck = Callable[[Any, Any, Budget], Mismatch | None]
# The same for checks that look at the whole answer.
AnswerCheck = Callable[[Expected, Answer, Budget], Mismatch | None]

FIELD_CHECKS: Mapping[str, FieldCheck] = MappingProxyType(
    {
        "value": is_value,
        "field_type": has_type,
        "pattern": matches,
        "contains": contains,
        "min": is_at_least,
        "max": is_at_most,
        "min_length": has_min_length,
        "max_length": has_max_length,
        "array_length": has_array_length,
    }
)

# In this order; the first one decides whether the rest of the answer is worth judging.
ANSWER_CHECKS: Mapping[str, AnswerCheck] = MappingProxyType(
    {
        "error": ends_as_expected,
        "error_code": has_error_code,
        "error_message_contains": has_error_message,
    }
)

# For these a null that the author wrote is something to look for; for all others it means "not given".
NULL_COUNTS = frozenset({"value", "contains"})
