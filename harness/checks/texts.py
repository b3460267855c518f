"""All texts of an answer with their places, for checks that search it."""

from collections.abc import Iterator
from typing import Any

from harness.checks.budget import Budget

Steps = tuple[Any, ...]


def texts_in(value: Any, budget: Budget) -> Iterator[tuple[Steps, str, str]]:
    """Every text in `value`: its place, the key it stands under (empty: none), the text. Raises BudgetSpent."""
    waiting: list[tuple[Steps, str, Any]] = [((), "", value)]
    while waiting:
        steps, key, node = waiting.pop()
        budget.spend()
        if isinstance(node, str):
            yield steps, key, node
        elif isinstance(node, dict):
            waiting.extend(reversed([((steps, name), name, member) for name, member in node.items()]))
        elif isinstance(node, list):
            waiting.extend(reversed([((steps, at), key, item) for at, item in enumerate(node)]))
