"""The checks on what is inside: `pattern`, `contains`, `contains_all`, `starts_with`, `ends_with`."""

from typing import Any

from harness.checks.equality import same_json
from harness.checks.fingerprint import fingerprint
from harness.checks.pattern import compile_pattern
from harness.checks.pattern_flags import with_flags
from harness.checks.setting import Setting
from harness.checks.show import LIMIT, Mismatch, show, show_typed
from harness.checks.terms import scalar_text
from harness.safe_text import one_line

PART_SHOWN = 200
MAX_PARTS_SHOWN = 5


def matches(pattern: str, actual: Any, setting: Setting) -> Mismatch | None:
    """The regular expression is found anywhere in the string; anything but a string fails."""
    try:
        compiled = compile_pattern(with_flags(pattern, setting.field.flags))
    except ValueError as error:  # suites are refused at load; a plan may still come from elsewhere
        return Mismatch("a pattern", one_line(str(error), LIMIT))
    if not isinstance(actual, str):
        return Mismatch(_expected_match(pattern, setting), show_typed(actual))
    found = compiled.is_found_in(actual, setting.budget)
    return None if found else Mismatch(_expected_match(pattern, setting), show(actual))


def contains(part: Any, actual: Any, setting: Setting) -> Mismatch | None:
    """The part is a substring of a string, or equals an element of an array.

    On a string a number, boolean or null given as the part is compared as its JSON text.
    """
    shown = show(part, PART_SHOWN)
    if isinstance(actual, list):
        found = any(same_json(part, element, setting.budget, setting.terms) for element in actual)
        return None if found else Mismatch(f"array with the element {shown}", show(actual))
    if isinstance(actual, str) and not isinstance(part, list | dict):
        found = _is_within(part, actual, setting)
        return None if found else Mismatch(f"string that contains {shown}", show(actual))
    return Mismatch(f"string or array that contains {shown}", show_typed(actual))


def contains_all(parts: tuple[Any, ...], actual: Any, setting: Setting) -> Mismatch | None:
    """Each part is a substring of a string, or equals an element of an array. Names those that are not."""
    if isinstance(actual, list):
        made = {fingerprint(element, setting.budget, setting.terms) for element in actual}
        missing = [part for part in parts if fingerprint(part, setting.budget, setting.terms) not in made]
        return _lacking("array with the elements", missing, actual)
    if isinstance(actual, str):
        missing = [part for part in parts if isinstance(part, list | dict) or not _is_within(part, actual, setting)]
        return _lacking("string that contains", missing, actual)
    return Mismatch(f"string or array that contains {_listed(parts)}", show_typed(actual))


def starts_with(start: str, actual: Any, setting: Setting) -> Mismatch | None:
    """The string begins with this text; anything but a string fails."""
    words = f"string that starts with {show(start, PART_SHOWN)}"
    if not isinstance(actual, str):
        return Mismatch(words, show_typed(actual))
    holds = _comparable(actual, setting).startswith(_comparable(start, setting))
    return None if holds else Mismatch(words, show(actual))


def ends_with(end: str, actual: Any, setting: Setting) -> Mismatch | None:
    """The string ends with this text; anything but a string fails."""
    words = f"string that ends with {show(end, PART_SHOWN)}"
    if not isinstance(actual, str):
        return Mismatch(words, show_typed(actual))
    holds = _comparable(actual, setting).endswith(_comparable(end, setting))
    shown = show(actual) if len(actual) <= LIMIT else "..." + show(actual[-PART_SHOWN:])
    return None if holds else Mismatch(words, shown)


def _is_within(part: Any, actual: str, setting: Setting) -> bool:
    text = part if isinstance(part, str) else scalar_text(part)
    return _comparable(text, setting) in _comparable(actual, setting)


def _comparable(text: str, setting: Setting) -> str:
    return setting.terms.comparable(text, setting.budget)


def _lacking(words: str, missing: list[Any], actual: Any) -> Mismatch | None:
    return Mismatch(f"{words} {_listed(missing)}", show(actual)) if missing else None


def _listed(parts: list[Any] | tuple[Any, ...]) -> str:
    shown = " and ".join(show(part, 60) for part in parts[:MAX_PARTS_SHOWN])
    return shown + (f" and {len(parts) - MAX_PARTS_SHOWN} more" if len(parts) > MAX_PARTS_SHOWN else "")


def _expected_match(pattern: str, setting: Setting) -> str:
    flags = f" ({setting.field.flags})" if setting.field.flags else ""
    return f"string that matches {show(pattern, 250)}{flags}"
