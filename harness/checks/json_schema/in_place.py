"""The keywords of JSON Schema that apply other schemas to the same value: combinations, conditions, references.

https://json-schema.org/draft/2020-12/json-schema-core#name-keywords-for-applying-subsche
"""

from collections.abc import Mapping
from typing import Any

from harness.checks.json_schema.spot import Evaluator, Keyword, Spot


def _all_of(wanted: list[Any], spot: Spot, evaluator: Evaluator) -> None:
    for schema in wanted:
        _obey(evaluator.inner(schema, spot.value, spot), spot)


def _any_of(wanted: list[Any], spot: Spot, evaluator: Evaluator) -> None:
    """All of them are tried: what each looked at counts."""
    tried = [evaluator.inner(schema, spot.value, spot) for schema in wanted]
    fitting = [inner for inner in tried if not inner.violations]
    for inner in fitting:
        _merge(inner, spot)
    if not fitting:
        spot.violate("anyOf", len(wanted))
        spot.violations.extend(_nearest(tried))


def _one_of(wanted: list[Any], spot: Spot, evaluator: Evaluator) -> None:
    tried = [evaluator.inner(schema, spot.value, spot) for schema in wanted]
    fitting = [inner for inner in tried if not inner.violations]
    if len(fitting) == 1:
        _merge(fitting[0], spot)
        return
    spot.violate("oneOf", (len(fitting), len(wanted)))
    if not fitting:
        spot.violations.extend(_nearest(tried))


def _not(wanted: Any, spot: Spot, evaluator: Evaluator) -> None:
    if not evaluator.inner(wanted, spot.value, spot).violations:
        spot.violate("not", wanted)


def _if(wanted: Any, spot: Spot, evaluator: Evaluator) -> None:
    condition = evaluator.inner(wanted, spot.value, spot)
    if not condition.violations:
        _merge(condition, spot)
    branch = "else" if condition.violations else "then"
    if branch in spot.schema:
        _obey(evaluator.inner(spot.schema[branch], spot.value, spot), spot)


def _dependent_schemas(wanted: dict[str, Any], spot: Spot, evaluator: Evaluator) -> None:
    for key, schema in wanted.items() if isinstance(spot.value, dict) else ():
        evaluator.budget.spend()
        if key in spot.value:
            _obey(evaluator.inner(schema, spot.value, spot), spot)


def _dependencies(wanted: dict[str, Any], spot: Spot, evaluator: Evaluator) -> None:
    """What `dependentRequired` and `dependentSchemas` are since 2019-09."""
    for key, needed in wanted.items() if isinstance(spot.value, dict) else ():
        evaluator.budget.spend()
        if key not in spot.value:
            continue
        if isinstance(needed, list):
            for missing in (other for other in needed if other not in spot.value):
                spot.violate("dependencies", missing)
        else:
            _obey(evaluator.inner(needed, spot.value, spot), spot)


def _ref(wanted: str, spot: Spot, evaluator: Evaluator) -> None:
    _obey(evaluator.referred(wanted, spot), spot)


def _recursive_ref(wanted: str, spot: Spot, evaluator: Evaluator) -> None:
    _obey(evaluator.referred_recursively(spot), spot)


def _obey(inner: Spot, spot: Spot) -> None:
    spot.violations.extend(inner.violations)
    _merge(inner, spot)


def _merge(inner: Spot, spot: Spot) -> None:
    spot.keys.update(inner.keys)
    spot.items.update(inner.items)


def _nearest(tried: list[Spot]) -> list[Any]:
    """What the schema that fits best has against the value: the one with the fewest violations."""
    found = min((inner.violations for inner in tried), key=len, default=[])
    return found[:1]


IN_PLACE: Mapping[str, Keyword] = {
    "$ref": _ref,
    "$dynamicRef": _ref,
    "$recursiveRef": _recursive_ref,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
    "dependentSchemas": _dependent_schemas,
    "dependencies": _dependencies,
}
