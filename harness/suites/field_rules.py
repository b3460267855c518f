"""What one entry of `fields` cannot ask for: keys that contradict each other, or that mean nothing alone. Pure."""

from collections.abc import Iterator

from harness.checks.budget import Budget
from harness.checks.equality import same_json
from harness.checks.field_type import has_type
from harness.checks.given import given_checks
from harness.checks.setting import Setting
from harness.models.expected import FieldExpectation
from harness.suites.findings import quoted

Contradiction = tuple[str, str, str]  # the key that is reported, what is wrong, what to write instead

LOWEST = (("min", False), ("greater_equal", False), ("greater_than", True))
HIGHEST = (("max", False), ("less_equal", False), ("less_than", True))
LENGTHS = (("min_length", "max_length"), ("min_length", "array_length"), ("array_length", "max_length"))


def contradictions_of_field(field: FieldExpectation) -> Iterator[Contradiction]:
    """Everything about the entry that no answer could meet."""
    yield from _about_presence(field)
    yield from _about_numbers(field)
    yield from _about_lengths(field)
    if field.flags and field.pattern is None:
        yield "flags", "'flags' belong to a 'pattern', and there is none", "add the pattern"
    if field.strict_keys and field.keys is None:
        yield "strict_keys", "'strict_keys' needs 'keys': they are the only ones then", "add the keys"
    if not _is_given("value", field):
        return
    if field.field_type is not None and has_type(field.field_type, field.value, Setting(Budget())):
        yield "field_type", f"'value' is no {field.field_type}", "keep one of them"
    if _is_given("not_value", field) and same_json(field.value, field.not_value, Budget()):
        yield "not_value", "'value' and 'not_value' are the same", "keep one of them"


def _about_presence(field: FieldExpectation) -> Iterator[Contradiction]:
    others = [name for name in given_checks(field) if name != "exists"]
    if field.exists is False and others:
        yield "exists", f"where nothing exists, {quoted(others[0])} cannot hold", "keep one of them"
    if field.exists is True and not field.required:
        yield "required", "'required: false' and 'exists: true' contradict each other", "keep one of them"
    if field.not_null is False:
        yield "not_null", "'not_null: false' checks nothing", "write 'value: null' if it must be null"
    if field.not_null and ((_is_given("value", field) and field.value is None) or field.field_type == "null"):
        yield "not_null", "'not_null' and a null that is asked for contradict each other", "keep one of them"


def _about_numbers(field: FieldExpectation) -> Iterator[Contradiction]:
    for low, low_is_open in LOWEST:
        for high, high_is_open in HIGHEST:
            least, most = getattr(field, low), getattr(field, high)
            if least is None or most is None:
                continue
            if least > most:
                yield high, f"{quoted(low)} is {least:g}, more than {quoted(high)}, which is {most:g}", ""
            elif least == most and (low_is_open or high_is_open):
                yield high, f"no number is between {quoted(low)} and {quoted(high)}: both are {most:g}", ""


def _about_lengths(field: FieldExpectation) -> Iterator[Contradiction]:
    for low, high in LENGTHS:
        least, most = getattr(field, low), getattr(field, high)
        if least is not None and most is not None and least > most:
            yield high, f"{quoted(low)} is {least}, more than {quoted(high)}, which is {most}", ""


def _is_given(key: str, field: FieldExpectation) -> bool:
    return key in field.model_fields_set
