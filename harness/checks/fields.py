"""One entry of `fields`: which values its path selects, and which of its checks do not hold of them.

Several values at one path are one array, or each is judged by itself: as `each` says, else as the check does
(`PER_VALUE`). A single value is judged as itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.checks.case import Case
from harness.checks.given import given_checks
from harness.checks.lookup import look_up, look_up_each
from harness.checks.paths import MISSING, Path, Place, compile_path
from harness.checks.setting import Setting
from harness.checks.show import LIMIT, Mismatch, show_typed, type_name
from harness.checks.table import FIELD_CHECKS, PER_VALUE
from harness.checks.terms import Terms
from harness.models.expected import FieldExpectation
from harness.safe_text import one_line

ABSENT = "absent"
STEPS_PER_VALUE = 10


@dataclass(frozen=True)
class Judged:
    """What became of one check at one place. `mismatch` is None when it holds."""

    check: str
    path: str
    mismatch: Mismatch | None
    actual_type: str = ""
    is_allowed: bool = False
    """Nothing is there, where the author says that there need not be: a warning."""


def judge_field(field: FieldExpectation, case: Case) -> Iterator[Judged]:
    """What became of each check of the entry; raises BudgetSpent."""
    try:
        path = compile_path(field.path)
    except ValueError as error:  # suites are refused at load; a plan may still come from elsewhere
        yield Judged("path", field.path, Mismatch("a path", one_line(str(error), LIMIT)))
        return
    setting = Setting(case.budget, _terms(field, case), field)
    for target in _targets(setting, path, case):
        case.budget.spend(STEPS_PER_VALUE)
        yield from _judge_target(target, setting, case)


@dataclass(frozen=True)
class _Target:
    """A value, how its place is written, and the checks that look at it."""

    value: Any
    path: str
    checks: tuple[str, ...]


def _targets(setting: Setting, path: Path, case: Case) -> Iterator[_Target]:
    field, names = setting.field, given_checks(setting.field)
    if field.each:
        places = look_up_each(path, case).places
        yield from _of_each(places or [Place((), MISSING)], names, path, field)
        return
    places = look_up(path, case).places
    values = [place.value for place in places]
    if len(values) < 2:
        is_array = bool(values) and field.each is False and not path.is_single
        yield _Target(values if is_array else values[0] if values else MISSING, field.path, names)
        return
    of_each = () if field.each is False else tuple(name for name in names if name in PER_VALUE)
    of_array = tuple(name for name in names if name not in of_each)
    if of_array or not names:
        yield _Target(values, field.path, of_array)
    if of_each:
        yield from _of_each(places, of_each, path, field)


def _of_each(places: Sequence[Place], names: tuple[str, ...], path: Path, field: FieldExpectation) -> Iterator[_Target]:
    for place in places:
        where = path.written(place) if place.steps else field.path
        yield _Target(place.value, where, names)


def _judge_target(target: _Target, setting: Setting, case: Case) -> Iterator[Judged]:
    field, value = setting.field, target.value
    if value is MISSING and field.exists is False:
        yield Judged("exists", target.path, None)
    elif value is MISSING or (value is None and not target.checks):
        yield _absent(target, setting, case)
    else:
        if not target.checks:
            yield Judged("required", target.path, None)
        for name in target.checks:
            mismatch = FIELD_CHECKS[name](getattr(field, name), value, setting)
            yield Judged(name, target.path, mismatch, type_name(value) if mismatch else "")


def _absent(target: _Target, setting: Setting, case: Case) -> Judged:
    """Nothing, or a null where no check speaks of null."""
    field = setting.field
    if target.value is None:
        return Judged("required", target.path, Mismatch("a value", "null"), "null", is_allowed=not field.required)
    check, words = ("exists", "something") if field.exists else ("required", "a value")
    mismatch = Mismatch(words, _show_absence(case.documents[0]))
    return Judged(check, target.path, mismatch, ABSENT, is_allowed=not field.required)


def _show_absence(document: Any) -> str:
    if not isinstance(document, dict):
        return one_line(f"nothing; the answer is {show_typed(document)}", LIMIT)
    return one_line("nothing; the answer has " + ", ".join(key[:LIMIT] for key in list(document)[:20]), LIMIT)


def _terms(field: FieldExpectation, case: Case) -> Terms:
    if field.case_sensitive is None:
        return case.terms
    return replace(case.terms, case_sensitive=field.case_sensitive)
