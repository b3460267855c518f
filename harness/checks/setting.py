"""What a check on one value may look at besides that value: its author's other keys, the terms, the budget."""

from dataclasses import dataclass

from harness.checks.budget import Budget
from harness.checks.terms import EXACTLY, Terms
from harness.models.expected import FieldExpectation

NO_FIELD = FieldExpectation()


@dataclass(frozen=True)
class Setting:
    """One entry of `fields` while it is judged."""

    budget: Budget
    terms: Terms = EXACTLY
    field: FieldExpectation = NO_FIELD
