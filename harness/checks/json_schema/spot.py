"""One schema that is applied to one value: what its keywords look at, and what they find. Knows no keyword."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.checks.budget import Budget
from harness.checks.pattern import Pattern

MAX_DEPTH = 100
"""Schemas within schemas while one value is judged: an endless `$ref` ends here, and so does a bottomless value."""
STEPS_PER_SCHEMA = 8
STEPS_PER_VIOLATION = 8

Resolver = Any
"""The library `referencing` has no public name for what resolves its references."""

Steps = tuple[Any, ...]  # (steps to the parent, key), or () at the root


class NotJudged(Exception):
    """Raised when a value cannot be judged by a schema; says why in one sentence."""


@dataclass(frozen=True)
class Violation:
    """A keyword that a value does not obey. `wanted` is what the schema says there, or what it comes to."""

    keyword: str
    steps: Steps
    wanted: Any
    value: Any


@dataclass(frozen=True)
class Spot:
    """`keys` and `items` are what some keyword of the schema has looked at, for `unevaluated…`."""

    schema: Any
    value: Any
    steps: Steps
    resolver: Resolver
    depth: int
    violations: list[Violation] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    items: set[int] = field(default_factory=set)

    def violate(self, keyword: str, wanted: Any) -> None:
        """Note that the value does not obey."""
        self.violations.append(Violation(keyword, self.steps, wanted, self.value))


class Evaluator(Protocol):
    """Applies schemas; what keywords get to do so."""

    budget: Budget

    def inner(self, schema: Any, value: Any, spot: Spot, *key: str | int) -> Spot:
        """Apply a schema that stands within that of `spot` to its value, or to what is there under `key`."""
        ...

    def referred(self, reference: str, spot: Spot) -> Spot:
        """Apply the schema that a reference means; raises NotJudged."""
        ...

    def referred_recursively(self, spot: Spot) -> Spot:
        """Apply the schema that `$recursiveRef` means."""
        ...

    def pattern(self, text: str) -> Pattern:
        """A regular expression of the schema; raises NotJudged."""
        ...


Keyword = Callable[[Any, Spot, Evaluator], None]
"""What stands under the keyword, where it is applied, who applies."""
