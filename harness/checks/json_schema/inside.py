"""The keywords of JSON Schema that apply schemas to the members and elements of a value.

https://json-schema.org/draft/2020-12/json-schema-core#name-keywords-for-applying-subsch
"""

from collections.abc import Mapping
from typing import Any

from harness.checks.json_schema.spot import Evaluator, Keyword, Spot


def _properties(wanted: dict[str, Any], spot: Spot, evaluator: Evaluator) -> None:
    for key, schema in wanted.items() if isinstance(spot.value, dict) else ():
        evaluator.budget.spend()
        if key in spot.value:
            _judge_member(schema, key, spot, evaluator)


def _pattern_properties(wanted: dict[str, Any], spot: Spot, evaluator: Evaluator) -> None:
    for text, schema in wanted.items() if isinstance(spot.value, dict) else ():
        pattern = evaluator.pattern(text)
        for key in spot.value:
            if pattern.is_found_in(key, evaluator.budget):
                _judge_member(schema, key, spot, evaluator)


def _additional_properties(wanted: Any, spot: Spot, evaluator: Evaluator) -> None:
    if not isinstance(spot.value, dict):
        return
    named = spot.schema.get("properties", {})
    patterns = [evaluator.pattern(text) for text in spot.schema.get("patternProperties", {})]
    for key in spot.value:
        evaluator.budget.spend()
        if key not in named and not any(pattern.is_found_in(key, evaluator.budget) for pattern in patterns):
            _judge_other("additionalProperties", wanted, key, spot, evaluator)


def _property_names(wanted: Any, spot: Spot, evaluator: Evaluator) -> None:
    for key in spot.value if isinstance(spot.value, dict) else ():
        if evaluator.inner(wanted, key, spot).violations:
            spot.violate("propertyNames", key)


def _items(wanted: Any, spot: Spot, evaluator: Evaluator) -> None:
    """Before 2020-12 a list of schemas is what `prefixItems` is now."""
    if isinstance(wanted, list):
        _prefix_items(wanted, spot, evaluator)
    else:
        _rest("items", wanted, len(spot.schema.get("prefixItems", ())), spot, evaluator)


def _additional_items(wanted: Any, spot: Spot, evaluator: Evaluator) -> None:
    before = spot.schema.get("items")
    if isinstance(before, list):
        _rest("additionalItems", wanted, len(before), spot, evaluator)


def _prefix_items(wanted: list[Any], spot: Spot, evaluator: Evaluator) -> None:
    if isinstance(spot.value, list):
        for at, schema in enumerate(wanted[: len(spot.value)]):
            _judge_element(schema, at, spot, evaluator)


def _rest(keyword: str, wanted: Any, first: int, spot: Spot, evaluator: Evaluator) -> None:
    for at in range(first, len(spot.value)) if isinstance(spot.value, list) else ():
        if wanted is False:
            spot.violate(keyword, f"no more than {first} elements")
            return
        _judge_element(wanted, at, spot, evaluator)


def _contains(wanted: Any, spot: Spot, evaluator: Evaluator) -> None:
    if not isinstance(spot.value, list):
        return
    fitting = [at for at, item in enumerate(spot.value) if not evaluator.inner(wanted, item, spot, at).violations]
    spot.items.update(fitting)
    if len(fitting) < spot.schema.get("minContains", 1):
        spot.violate("contains", wanted)
    if len(fitting) > spot.schema.get("maxContains", len(fitting)):
        spot.violate("maxContains", spot.schema["maxContains"])


def _unevaluated_properties(wanted: Any, spot: Spot, evaluator: Evaluator) -> None:
    for key in spot.value if isinstance(spot.value, dict) else ():
        evaluator.budget.spend()
        if key not in spot.keys:
            _judge_other("unevaluatedProperties", wanted, key, spot, evaluator)


def _unevaluated_items(wanted: Any, spot: Spot, evaluator: Evaluator) -> None:
    for at in range(len(spot.value)) if isinstance(spot.value, list) else ():
        evaluator.budget.spend()
        if at in spot.items:
            continue
        if wanted is False:
            spot.violate("unevaluatedItems", f"no element {at}")
        else:
            _judge_element(wanted, at, spot, evaluator)


def _judge_other(keyword: str, wanted: Any, key: str, spot: Spot, evaluator: Evaluator) -> None:
    """A member that no other keyword speaks of."""
    if wanted is False:
        spot.violate(keyword, key)
    else:
        _judge_member(wanted, key, spot, evaluator)


def _judge_member(schema: Any, key: str, spot: Spot, evaluator: Evaluator) -> None:
    spot.keys.add(key)
    _take(evaluator.inner(schema, spot.value[key], spot, key), spot)


def _judge_element(schema: Any, at: int, spot: Spot, evaluator: Evaluator) -> None:
    spot.items.add(at)
    _take(evaluator.inner(schema, spot.value[at], spot, at), spot)


def _take(inner: Spot, spot: Spot) -> None:
    spot.violations.extend(inner.violations)


INSIDE: Mapping[str, Keyword] = {
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "propertyNames": _property_names,
    "items": _items,
    "additionalItems": _additional_items,
    "prefixItems": _prefix_items,
    "contains": _contains,
}

LAST: Mapping[str, Keyword] = {
    "unevaluatedProperties": _unevaluated_properties,
    "unevaluatedItems": _unevaluated_items,
}
"""After all other keywords: they must know what those looked at."""
