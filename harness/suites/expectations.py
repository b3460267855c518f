"""Whether the expectations of a suite can hold at all: readable paths, patterns and schemas, no contradictions.

Owns what is read of them, and what reading all patterns of a suite may cost; `field_rules.py` and `answer_rules.py`
own the contradictions.
"""

from collections.abc import Callable

from harness.checks.paths import compile_path
from harness.checks.pattern import compile_pattern
from harness.checks.pattern_flags import with_flags
from harness.checks.pattern_weight import weight_of
from harness.models.expected import Expected, FieldExpectation
from harness.suites.answer_rules import contradictions_of_answer, notes_on_answer
from harness.suites.field_rules import contradictions_of_field
from harness.suites.findings import Findings, quoted
from harness.suites.shape import Path, Shape

MAX_PATTERN_WEIGHT = 2_000_000
"""Of all different patterns of a suite; a unit costs about a microsecond to compile, two at most."""


class ExpectationChecker:
    """Checks the expectations of one suite. Each different path and pattern is read once."""

    def __init__(self, shape: Shape, findings: Findings, max_weight: int = MAX_PATTERN_WEIGHT) -> None:
        self._shape = shape
        self._findings = findings
        self._weight_left = max_weight
        self._read: dict[tuple[str, str], str] = {}  # (key, text) → what is wrong with it

    def check(self, expected: Expected, place: Path) -> None:
        """Report what cannot hold in the expectations that stand at `place`."""
        for path, message, hint in contradictions_of_answer(expected):
            self._findings.error(self._shape.spot_of((*place, *path)).key, message, hint)
        for path, message, hint in notes_on_answer(expected):
            self._findings.warn(self._shape.spot_of((*place, *path)).value, message, hint)
        for number, entry in enumerate(expected.expected_errors):
            here = (*place, "expected_errors", number, "error_message_pattern")
            self._check_pattern(entry.error_message_pattern, "", here)
        for number, redaction in enumerate(expected.redactions):
            here = (*place, "redactions", number)
            self._check_pattern(redaction.pattern, "", (*here, "pattern"))
            if redaction.path is not None:
                self._check_text("path", redaction.path, compile_path, (*here, "path"))
        for number, field in enumerate(expected.fields):
            self._check_field(field, (*place, "fields", number))

    def _check_field(self, field: FieldExpectation, place: Path) -> None:
        if "path" in field.model_fields_set:
            self._check_text("path", field.path, compile_path, (*place, "path"))
        self._check_pattern(field.pattern, field.flags, (*place, "pattern"))
        for key, message, hint in contradictions_of_field(field):
            self._findings.error(self._shape.spot_of((*place, key)).key, message, hint)

    def _check_pattern(self, pattern: str | None, flags: str, place: Path) -> None:
        key = f"pattern{flags}"
        if pattern is not None and self._can_afford(key, pattern, place):
            self._check_text(key, pattern, lambda text: compile_pattern(with_flags(text, flags)), place)

    def _check_text(self, key: str, text: str, read: Callable[[str], object], place: Path) -> None:
        if (key, text) not in self._read:
            try:
                read(text)
                self._read[key, text] = ""
            except ValueError as error:
                self._read[key, text] = str(error)
        if problem := self._read[key, text]:
            mark = self._shape.spot_of(place).value
            self._findings.error(mark, f"{quoted(str(place[-1]))} {quoted(text)}: {problem}")

    def _can_afford(self, key: str, pattern: str, place: Path) -> bool:
        """False once the patterns of the suite are too large together; said at the first one that is too much."""
        if (key, pattern) in self._read:
            return True
        could_afford = self._weight_left >= 0
        self._weight_left -= weight_of(pattern)
        if could_afford and self._weight_left < 0:
            mark = self._shape.spot_of(place).value
            self._findings.error(
                mark, "the patterns of this suite are too large together", "simplify them, or split the suite"
            )
        return self._weight_left >= 0
