"""Whether the expectations of a suite can hold at all: readable paths and patterns, no contradictions.

Owns the bound on what reading patterns may cost: RE2 is linear in its text, but compiling is not free (a refused
`\\pL{40}` takes 14 ms, and a file can hold 20,000 of them).
"""

import math
import re
from collections.abc import Callable

from harness.checks.paths import compile_path
from harness.checks.pattern import compile_pattern
from harness.models.expected import Expected, FieldExpectation
from harness.suites.findings import Findings, quoted
from harness.suites.shape import Path, Shape

MAX_PATTERN_WEIGHT = 2_000_000
"""Of all different patterns of a suite; a unit costs about a microsecond to compile, two at most."""

_CLASS_WEIGHT = 300  # a Unicode class compiles to hundreds of instructions
_MAX_WEIGHT_OF_ONE = 150_000  # a pattern that is too large is refused after about 0.1 s
_MAX_REPETITION = 1_000  # RE2 refuses more, nested ones multiplied
_CLASS = re.compile(r"\\[pP]")
_REPETITION = re.compile(r"\{(\d{1,4})(?:,(\d{0,4}))?\}")


class ExpectationChecker:
    """Checks the expectations of one suite. Each different path and pattern is read once."""

    def __init__(self, shape: Shape, findings: Findings, max_weight: int = MAX_PATTERN_WEIGHT) -> None:
        self._shape = shape
        self._findings = findings
        self._weight_left = max_weight
        self._read: dict[tuple[str, str], str] = {}  # (key, text) → what is wrong with it

    def check(self, expected: Expected, place: Path) -> None:
        """Report what cannot hold in the expectations that stand at `place`."""
        for key in ("error_code", "error_message_contains"):
            if not expected.error and key in expected.model_fields_set:
                self._report_key(
                    (*place, key), f"{quoted(key)} cannot hold where no error is expected", "add 'error: true'"
                )
        for number, field in enumerate(expected.fields):
            self._check_field(field, (*place, "fields", number))

    def _check_field(self, field: FieldExpectation, place: Path) -> None:
        if "path" in field.model_fields_set:
            self._check_text("path", field.path, compile_path, place)
        if field.pattern is not None and self._can_afford(field.pattern, place):
            self._check_text("pattern", field.pattern, compile_pattern, place)
        for low, high in (("min", "max"), ("min_length", "max_length")):
            least, most = getattr(field, low), getattr(field, high)
            if least is not None and most is not None and least > most:
                self._report_key(
                    (*place, high), f"{quoted(low)} is {least:g}, more than {quoted(high)}, which is {most:g}"
                )

    def _check_text(self, key: str, text: str, read: Callable[[str], object], place: Path) -> None:
        if (key, text) not in self._read:
            try:
                read(text)
                self._read[key, text] = ""
            except ValueError as error:
                self._read[key, text] = str(error)
        if problem := self._read[key, text]:
            mark = self._shape.spot_of((*place, key)).value
            self._findings.error(mark, f"{quoted(key)} {quoted(text)}: {problem}")

    def _can_afford(self, pattern: str, place: Path) -> bool:
        """False once the patterns of the suite are too large together; said at the first one that is too much."""
        if ("pattern", pattern) in self._read:
            return True
        could_afford = self._weight_left >= 0
        self._weight_left -= weight_of(pattern)
        if could_afford and self._weight_left < 0:
            mark = self._shape.spot_of((*place, "pattern")).value
            self._findings.error(
                mark, "the patterns of this suite are too large together", "simplify them, or split the suite"
            )
        return self._weight_left >= 0

    def _report_key(self, path: Path, message: str, hint: str = "") -> None:
        self._findings.error(self._shape.spot_of(path).key, message, hint)


def weight_of(pattern: str) -> int:
    """An upper estimate of what compiling a pattern costs, from its text alone."""
    counts = (max(1, int(most or least)) for least, most in _REPETITION.findall(pattern))
    repeated = min(_MAX_REPETITION, math.prod(counts))
    classes = len(_CLASS.findall(pattern))
    return min(len(pattern) + repeated * (1 + _CLASS_WEIGHT * classes), _MAX_WEIGHT_OF_ONE)
