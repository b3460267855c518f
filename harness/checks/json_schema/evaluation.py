"""Applies a JSON Schema to a value, in bounded work: the keywords' one way to apply further schemas.

Why not a library: those for Python hand patterns to a backtracking engine and count nothing, and one in Rust (measured:
jsonschema-rs 0.61) needs a second for 26 schemas of `allOf: [$ref, $ref]` and twice that for each one more, with
nothing that could stop it. Schemas come from servers. `referencing` finds what references mean.
"""

from collections.abc import Callable
from typing import Any

from referencing.jsonschema import lookup_recursive_ref

from harness.checks.budget import Budget
from harness.checks.json_schema.compiled import UNEXPECTED, Compiled
from harness.checks.json_schema.inside import LAST
from harness.checks.json_schema.spot import (
    MAX_DEPTH,
    STEPS_PER_SCHEMA,
    STEPS_PER_VIOLATION,
    NotJudged,
    Resolver,
    Spot,
    Steps,
    Violation,
)
from harness.checks.pattern import Pattern, compile_pattern

STEPS_PER_REFERENCE = 30


Admit = Callable[[Any, Budget], None]
"""Makes sure that what a reference means is a schema; raises ValueError, BudgetSpent."""


class Evaluation:
    """One value against one schema."""

    def __init__(self, compiled: Compiled, budget: Budget, admit: Admit) -> None:
        self.budget = budget
        self._compiled = compiled
        self._admit = admit

    def violations(self, value: Any) -> list[Violation]:
        """What `value` does not obey, in the order of the schema; raises NotJudged, BudgetSpent."""
        return self._apply(self._compiled.schema, value, (), self._compiled.resolver, 0).violations

    def inner(self, schema: Any, value: Any, spot: Spot, *key: str | int) -> Spot:
        """Apply a schema within that of `spot`: to its value, or to `value`, which is there under `key`."""
        steps = (spot.steps, key[0]) if key else spot.steps
        return self._apply(schema, value, steps, spot.resolver, spot.depth + 1)

    def referred(self, reference: str, spot: Spot) -> Spot:
        """Apply the schema that a reference means."""
        self.budget.spend(STEPS_PER_REFERENCE + spot.depth + len(reference))
        try:
            resolved = spot.resolver.lookup(reference)
        except UNEXPECTED as error:
            raise NotJudged(f"it refers to {reference[:100]!r}, which is not in it; nothing is fetched") from error
        try:
            self._admit(resolved.contents, self.budget)
        except ValueError as error:
            raise NotJudged(f"it refers to {reference[:100]!r}: {error}") from error
        return self._apply(resolved.contents, spot.value, spot.steps, resolved.resolver, spot.depth + 1)

    def referred_recursively(self, spot: Spot) -> Spot:
        """Apply the schema that `$recursiveRef` means."""
        self.budget.spend(STEPS_PER_REFERENCE + spot.depth)
        try:
            resolved = lookup_recursive_ref(spot.resolver)
        except UNEXPECTED as error:
            raise NotJudged("its $recursiveRef leads nowhere") from error
        return self._apply(resolved.contents, spot.value, spot.steps, resolved.resolver, spot.depth + 1)

    def pattern(self, text: str) -> Pattern:
        """A pattern of the schema."""
        return self._compiled.patterns[text]

    def _apply(self, schema: Any, value: Any, steps: Steps, resolver: Resolver, depth: int) -> Spot:
        self.budget.spend(STEPS_PER_SCHEMA)
        if depth > MAX_DEPTH:
            raise NotJudged(f"schemas within schemas, more than {MAX_DEPTH} deep, apply to one value")
        spot = Spot(schema, value, steps, self._resolver_of(schema, resolver), depth)
        if schema is False:
            spot.violate("false", None)
        elif isinstance(schema, dict):
            self._apply_keywords(spot)
        self.budget.spend(STEPS_PER_VIOLATION * len(spot.violations))
        return spot

    def _apply_keywords(self, spot: Spot) -> None:
        dialect = self._compiled.dialect
        if dialect.ref_stands_alone and "$ref" in spot.schema:
            dialect.keywords["$ref"](spot.schema["$ref"], spot, self)
            return
        for name, wanted in spot.schema.items():
            self.budget.spend()
            if name in dialect.keywords:
                dialect.keywords[name](wanted, spot, self)
        if dialect.has_unevaluated:
            for name, keyword in LAST.items():
                if name in spot.schema:
                    keyword(spot.schema[name], spot, self)

    def _resolver_of(self, schema: Any, resolver: Resolver) -> Resolver:
        if not isinstance(schema, dict) or not ({"$id", "id"} & schema.keys()):
            return resolver
        try:
            return resolver.in_subresource(self._compiled.dialect.specification.create_resource(schema))
        except UNEXPECTED as error:
            raise NotJudged("an $id in it cannot be read") from error


class ShallowEvaluation(Evaluation):
    """A schema against that of its draft, without the schemas within it: those are judged one by one.

    Where the schema of a draft means "any schema", it refers to itself.
    """

    def referred(self, reference: str, spot: Spot) -> Spot:
        """Nothing, where a schema within the schema is meant."""
        if reference in ("#", "#meta"):
            return Spot(True, spot.value, spot.steps, spot.resolver, spot.depth)
        return super().referred(reference, spot)

    def referred_recursively(self, spot: Spot) -> Spot:
        """Always a schema within the schema."""
        return Spot(True, spot.value, spot.steps, spot.resolver, spot.depth)

    def pattern(self, text: str) -> Pattern:
        """A pattern of a draft: those can be read."""
        return compile_pattern(text)
