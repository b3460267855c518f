"""All that a check on a whole answer may look at, and what it finds."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import JsonValue

from harness.checks.answer import Answer
from harness.checks.budget import Budget
from harness.checks.show import Mismatch
from harness.checks.subject import documents
from harness.checks.terms import Terms
from harness.models.expected import Expected, SnapshotMode


@dataclass(frozen=True)
class JudgeInputs:
    """What judging needs beside the answer. `size_bytes`: of the answer as it came over the wire.

    `output_schema` is what the server announces for the tool, None where it announces none; `snapshot` the text that
    is kept, None where there is none; `sandbox` the absolute path of the server's files. What is left out fails the
    checks that need it: none passes because nobody told it enough.
    """

    output_schema: JsonValue = None
    snapshot: str | None = None
    snapshot_mode: SnapshotMode = SnapshotMode.CI
    sandbox: str | None = None
    size_bytes: int | None = None


NO_INPUTS = JudgeInputs()


@dataclass(frozen=True)
class Case:
    """One answer, and what is expected of it."""

    expected: Expected
    answer: Answer
    inputs: JudgeInputs
    budget: Budget

    @cached_property
    def documents(self) -> tuple[Any, ...]:
        """What paths look at; raises BudgetSpent."""
        return documents(self.expected.subject, self.answer, self.budget)

    @cached_property
    def terms(self) -> Terms:
        """On what terms values are equal."""
        expected = self.expected
        return Terms(
            case_sensitive=expected.case_sensitive,
            normalize_whitespace=expected.normalize_whitespace,
            trim_strings=expected.trim_strings,
            convert_types=expected.convert_types and not expected.strict_mode,
            ignore_order=expected.ignore_order,
            tell_integers=expected.strict_mode,
        )


@dataclass(frozen=True)
class Found:
    """A check that does not hold: where, why, and the JSON type of what is there (`absent`: nothing is)."""

    mismatch: Mismatch
    path: str = ""
    actual_type: str = ""
