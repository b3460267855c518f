"""Whether a schema obeys its draft, and whether its patterns can be read: one schema within another at a time."""

from functools import lru_cache
from typing import Any

from jsonschema_specifications import REGISTRY

from harness.checks.budget import Budget
from harness.checks.json_schema.compiled import UNEXPECTED, Compiled, read_schema
from harness.checks.json_schema.evaluation import ShallowEvaluation
from harness.checks.json_schema.spot import Violation
from harness.checks.json_schema.wording import worded
from harness.checks.paths import written_keys
from harness.checks.pattern import compile_pattern
from harness.checks.pattern_weight import weight_of
from harness.checks.query import keys_of
from harness.checks.show import show

STEPS_PER_WEIGHT = 2


def admit(compiled: Compiled, schema: Any, budget: Budget) -> None:
    """Make sure of `schema`, a part of `compiled`, and of all schemas in it; raises ValueError, BudgetSpent."""
    waiting = [schema]
    while waiting:
        each = waiting.pop()
        budget.spend()
        if id(each) not in compiled.admitted:
            _obeys_its_draft(compiled, each, budget)
            _read_patterns(compiled, each, budget)
            waiting.extend(_schemas_in(compiled, each))
            compiled.admitted.add(id(each))


def _obeys_its_draft(compiled: Compiled, schema: Any, budget: Budget) -> None:
    found = ShallowEvaluation(_metaschema(compiled.dialect.uri), budget, _trust).violations(schema)
    if found:
        raise ValueError(_sentence(schema, found[0]))


def _sentence(schema: Any, violation: Violation) -> str:
    mismatch, place = worded(violation), written_keys(keys_of(violation.steps)).removeprefix(".")
    where = f"{place} in {show(schema, 80)}" if place else f"a schema in it, {show(schema, 80)},"
    return f"{where} should be {mismatch.expected}"


def _read_patterns(compiled: Compiled, schema: Any, budget: Budget) -> None:
    if not isinstance(schema, dict):
        return
    texts = [schema["pattern"]] if "pattern" in schema else []
    for text in (*texts, *schema.get("patternProperties", ())):
        if text in compiled.patterns:
            continue
        budget.spend(STEPS_PER_WEIGHT * weight_of(text))
        try:
            compiled.patterns[text] = compile_pattern(text)
        except ValueError as error:
            raise ValueError(f"its pattern {show(text, 60)}: {error}") from error


def _schemas_in(compiled: Compiled, schema: Any) -> list[Any]:
    try:
        return [each.contents for each in compiled.dialect.specification.create_resource(schema).subresources()]
    except UNEXPECTED as error:
        raise ValueError(f"a schema in it, {show(schema, 80)}, cannot be read") from error


@lru_cache(maxsize=8)
def _metaschema(uri: str) -> Compiled:
    return read_schema(REGISTRY.contents(uri))


def _trust(schema: Any, budget: Budget) -> None:
    """The drafts' own schemas need no admission."""
