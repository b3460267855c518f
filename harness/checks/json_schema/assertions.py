"""The keywords of JSON Schema that look at one value only: https://json-schema.org/draft/2020-12/json-schema-validation.

What a keyword says of another kind of value than its own always holds.
"""

from collections.abc import Callable, Mapping, Sized
from decimal import Decimal
from fractions import Fraction
from typing import Any

from harness.checks.equality import same_json
from harness.checks.fingerprint import fingerprint
from harness.checks.json_schema.spot import Evaluator, Keyword, Spot
from harness.checks.show import type_name
from harness.checks.terms import EXACTLY


def _type(wanted: Any, spot: Spot, evaluator: Evaluator) -> None:
    kinds = [wanted] if isinstance(wanted, str) else wanted
    if not any(_has_type(kind, spot.value) for kind in kinds):
        spot.violate("type", wanted)


def _has_type(kind: str, value: Any) -> bool:
    if kind == "integer":
        return _is_number(value) and (isinstance(value, int) or value.is_integer())
    return type_name(value) == kind


def _enum(wanted: list[Any], spot: Spot, evaluator: Evaluator) -> None:
    if not any(same_json(each, spot.value, evaluator.budget) for each in wanted):
        spot.violate("enum", wanted)


def _const(wanted: Any, spot: Spot, evaluator: Evaluator) -> None:
    if not same_json(wanted, spot.value, evaluator.budget):
        spot.violate("const", wanted)


def _multiple_of(wanted: float, spot: Spot, evaluator: Evaluator) -> None:
    if _is_number(spot.value) and not _is_multiple(spot.value, wanted):
        spot.violate("multipleOf", wanted)


def _is_multiple(value: float, of: float) -> bool:
    try:
        return (_exact(value) / _exact(of)).denominator == 1
    except (ValueError, OverflowError, ZeroDivisionError):  # NaN, infinities, a factor of 0
        return False


def _exact(value: float) -> Fraction:
    """The number as it is written: 0.1 is a tenth."""
    return Fraction(value) if isinstance(value, int) else Fraction(Decimal(repr(value)))


def _maximum(wanted: float, spot: Spot, evaluator: Evaluator) -> None:
    if _is_number(spot.value) and not spot.value <= wanted:
        spot.violate("maximum", wanted)


def _minimum(wanted: float, spot: Spot, evaluator: Evaluator) -> None:
    if _is_number(spot.value) and not spot.value >= wanted:
        spot.violate("minimum", wanted)


def _exclusive_maximum(wanted: Any, spot: Spot, evaluator: Evaluator) -> None:
    """A number; in draft 4 a boolean that changes `maximum`."""
    limit = spot.schema.get("maximum") if wanted is True else wanted
    if _is_number(limit) and _is_number(spot.value) and not spot.value < limit:
        spot.violate("exclusiveMaximum", limit)


def _exclusive_minimum(wanted: Any, spot: Spot, evaluator: Evaluator) -> None:
    limit = spot.schema.get("minimum") if wanted is True else wanted
    if _is_number(limit) and _is_number(spot.value) and not spot.value > limit:
        spot.violate("exclusiveMinimum", limit)


def _sized(keyword: str, kind: type[Sized], fits: Callable[[int, float], bool]) -> Keyword:
    def judge(wanted: float, spot: Spot, evaluator: Evaluator) -> None:
        if isinstance(spot.value, kind) and not fits(len(spot.value), wanted):
            spot.violate(keyword, wanted)

    return judge


def _at_least(length: int, wanted: float) -> bool:
    return length >= wanted


def _at_most(length: int, wanted: float) -> bool:
    return length <= wanted


def _pattern(wanted: str, spot: Spot, evaluator: Evaluator) -> None:
    if isinstance(spot.value, str) and not evaluator.pattern(wanted).is_found_in(spot.value, evaluator.budget):
        spot.violate("pattern", wanted)


def _unique_items(wanted: bool, spot: Spot, evaluator: Evaluator) -> None:
    if wanted and isinstance(spot.value, list):
        prints = {fingerprint(item, evaluator.budget, EXACTLY) for item in spot.value}
        if len(prints) < len(spot.value):
            spot.violate("uniqueItems", wanted)


def _required(wanted: Any, spot: Spot, evaluator: Evaluator) -> None:
    if isinstance(spot.value, dict) and isinstance(wanted, list):
        _need("required", wanted, spot, evaluator)


def _dependent_required(wanted: dict[str, list[str]], spot: Spot, evaluator: Evaluator) -> None:
    for key, needed in wanted.items() if isinstance(spot.value, dict) else ():
        evaluator.budget.spend()
        if key in spot.value:
            _need("dependentRequired", needed, spot, evaluator)


def _need(keyword: str, needed: list[str], spot: Spot, evaluator: Evaluator) -> None:
    evaluator.budget.spend(len(needed))
    for key in needed:
        if key not in spot.value:
            spot.violate(keyword, key)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


ASSERTIONS: Mapping[str, Keyword] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "multipleOf": _multiple_of,
    "maximum": _maximum,
    "minimum": _minimum,
    "exclusiveMaximum": _exclusive_maximum,
    "exclusiveMinimum": _exclusive_minimum,
    "maxLength": _sized("maxLength", str, _at_most),
    "minLength": _sized("minLength", str, _at_least),
    "maxItems": _sized("maxItems", list, _at_most),
    "minItems": _sized("minItems", list, _at_least),
    "maxProperties": _sized("maxProperties", dict, _at_most),
    "minProperties": _sized("minProperties", dict, _at_least),
    "pattern": _pattern,
    "uniqueItems": _unique_items,
    "required": _required,
    "dependentRequired": _dependent_required,
}
