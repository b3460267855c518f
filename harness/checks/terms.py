"""On what terms two values are equal: what an author says of capitals, blanks, types and order, in one value."""

import re
from dataclasses import dataclass
from typing import Any

from harness.checks.budget import Budget

MAX_DECIMAL_BITS = 1_000  # longer integers are written in hex: Python refuses decimals above 4300 digits
WORK_PER_CHARACTER = 4  # what making a text comparable costs, against one pass over it
_BLANKS = re.compile(r"\s+")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,99})(\.[0-9]{1,99})?([eE][+-]?[0-9]{1,3})?", re.ASCII)


@dataclass(frozen=True)
class Terms:
    """The defaults are JSON equality; `tell_integers` makes 1 and 1.0 two values."""

    case_sensitive: bool = True
    normalize_whitespace: bool = False
    trim_strings: bool = False
    convert_types: bool = False
    ignore_order: bool = False
    tell_integers: bool = False

    def comparable(self, text: str, budget: Budget) -> str:
        """What of a text counts; raises BudgetSpent."""
        budget.spend_text(len(text) * (WORK_PER_CHARACTER if self.change_texts else 1))
        if self.normalize_whitespace:
            text = _BLANKS.sub(" ", text)
        if self.trim_strings:
            text = text.strip()
        return text if self.case_sensitive else text.casefold()

    @property
    def change_texts(self) -> bool:
        """Whether two different texts can count as equal."""
        return self.normalize_whitespace or self.trim_strings or not self.case_sensitive

    def number(self, value: Any) -> float | None:
        """`value` as a number: itself, or with `convert_types` what a string says. A boolean is no number."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if self.convert_types and isinstance(value, str) and _NUMBER.fullmatch(value):
            return float(value) if set(value) & set(".eE") else int(value)
        return None


EXACTLY = Terms()


def scalar_text(value: Any) -> str:
    """The JSON text of a number, boolean or null; a whole number has no fractional part, whatever its kind."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
    return str(value) if value.bit_length() <= MAX_DECIMAL_BITS else hex(value)
