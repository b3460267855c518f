"""How text for people is dressed: width, colour, glyphs. Pure values; who decides them is `console/cli/terminal.py`.

Colour is decoration: words and symbols say all. Glyphs are of one column; ASCII stands in for each of them.
"""

from dataclasses import dataclass

from harness.models.outcomes import TestOutcome

_SGR = {
    "good": "32", "flaky": "33", "bad": "31;1", "error": "35", "timeout": "93", "lost": "34", "dim": "2", "bold": "1",
    "expected": "34", "got": "33", "event": "33",
}  # fmt: skip
_SYMBOLS = {TestOutcome.PASSED: ("✓", "+"), TestOutcome.FLAKY: ("↻", "~")}
_BAD, _NONE = ("✗", "x"), ("-", "-")
ROLES = {
    TestOutcome.PASSED: "good",
    TestOutcome.FLAKY: "flaky",
    TestOutcome.FAILED: "bad",
    TestOutcome.ERROR: "error",
    TestOutcome.TIMEOUT: "timeout",
}
"""Outcome → its colour. The others are dim."""


@dataclass(frozen=True)
class Style:
    """How one text is dressed."""

    width: int = 80
    colour: bool = False
    unicode: bool = False

    def paint(self, text: str, role: str) -> str:
        """`text` in the colour of its role, or as it is where colours are off."""
        return f"\x1b[{_SGR[role]}m{text}\x1b[0m" if self.colour and text else text

    def symbol(self, outcome: TestOutcome | None) -> str:
        """The sign of an outcome, one column wide, uncoloured."""
        stopped = (TestOutcome.SKIPPED, TestOutcome.CANCELLED, TestOutcome.NOT_RUN, None)
        signs = _SYMBOLS.get(outcome, _NONE if outcome in stopped else _BAD) if outcome else _NONE
        return signs[0 if self.unicode else 1]

    def painted(self, text: str, outcome: TestOutcome | None) -> str:
        """`text` in the colour of an outcome."""
        return self.paint(text, ROLES.get(outcome, "dim") if outcome else "dim")


PLAIN = Style()
