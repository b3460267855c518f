"""The checks on what is inside: `pattern` and `contains`."""

import json
from typing import Any

from harness.checks.budget import Budget
from harness.checks.equality import same_json
from harness.checks.pattern import compile_pattern
from harness.checks.show import LIMIT, Mismatch, show, show_typed
from harness.safe_text import one_line


def matches(pattern: str, actual: Any, budget: Budget) -> Mismatch | None:
    """The regular expression is found anywhere in the string; anything but a string fails."""
    try:
        compiled = compile_pattern(pattern)
    except ValueError as error:  # suites are refused at load; a plan may still come from elsewhere
        return Mismatch("a pattern", one_line(str(error), LIMIT))
    if not isinstance(actual, str):
        return Mismatch(_expected_match(pattern), show_typed(actual))
    return None if compiled.is_found_in(actual, budget) else Mismatch(_expected_match(pattern), show(actual))


def contains(part: Any, actual: Any, budget: Budget) -> Mismatch | None:
    """The part is a substring of a string, or equals an element of an array.

    On a string a number, boolean or null given as the part is compared as its JSON text.
    """
    if isinstance(actual, list):
        found = any(same_json(part, element, budget) for element in actual)
        return None if found else Mismatch(f"array with the element {show(part, 200)}", show(actual))
    if isinstance(actual, str) and not isinstance(part, list | dict):
        return _substring(part if isinstance(part, str) else _as_text(part), actual, budget)
    return Mismatch(f"string or array that contains {show(part, 200)}", show_typed(actual))


def _substring(part: str, actual: str, budget: Budget) -> Mismatch | None:
    budget.spend_text(len(part) + len(actual))
    return None if part in actual else Mismatch(f"string that contains {show(part, 200)}", show(actual))


def _as_text(scalar: Any) -> str:
    try:
        return json.dumps(scalar)
    except ValueError:  # an integer of more digits than Python writes
        return hex(scalar)


def _expected_match(pattern: str) -> str:
    return f"string that matches {show(pattern, 250)}"
