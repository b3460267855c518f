"""What an unquoted scalar means: the JSON types, by the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema).

So `yes`, `on`, `12:30` and `2024-01-31` are text. What two YAML versions read differently (a leading zero), and what
JSON cannot hold (infinity, NaN), is refused instead of guessed.
"""

import math
import re

MAX_DIGITS = 300

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER_STARTS = frozenset("0123456789+-.")
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FRACTION = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def resolve(text: str) -> str | int | float | bool | None:
    """The JSON value of an unquoted scalar; raises ValueError with one sentence when it has none."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a JSON number")
    if _BASED.fullmatch(text):
        return _whole(text)
    if not _FRACTION.fullmatch(text):
        return text
    if _LEADING_ZERO.match(text):
        raise ValueError("a number with a leading zero has two meanings")
    return _whole(text) if _DECIMAL.fullmatch(text) else _fraction(text)


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number may have {MAX_DIGITS} digits at most")
    return int(text, 0)


def _fraction(text: str) -> float:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number may have {MAX_DIGITS} digits at most")
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("the number is too large for JSON")
    return number
