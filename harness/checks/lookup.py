"""Where a path is looked up: the first of the answer's documents in which it finds something."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from harness.checks.budget import Budget
from harness.checks.case import Case
from harness.checks.paths import MISSING, Path, Place


@dataclass(frozen=True)
class Looked:
    """What a path selects, and where; nothing in the first document when it finds nothing in any."""

    document: Any
    places: list[Place]


def look_up(path: Path, case: Case) -> Looked:
    """What the path selects; raises BudgetSpent."""
    return _first(case.documents, path.select_places, case.budget)


def look_up_each(path: Path, case: Case) -> Looked:
    """The same, with MISSING where `items[*].id` finds an item without an id."""
    return _first(case.documents, path.select_each, case.budget)


def _first(documents: Iterable[Any], select: Callable[[Any, Budget], list[Place]], budget: Budget) -> Looked:
    looked = [Looked(document, select(document, budget)) for document in documents]
    return next((each for each in looked if any(place.value is not MISSING for place in each.places)), looked[0])
