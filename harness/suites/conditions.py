"""`enabled`, `skip`, `skip_if`, `only_if` → why a test does not run, or what is left to be seen. Pure.

Variables, `matrix`, `target` and the allowed environment are known when a suite is planned. A condition that names
`server` is looked at in the worker, when the server has said what it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from harness.expressions import Expression, compile_expression
from harness.models.job import Condition
from harness.models.suite import Suite, TestCase
from harness.suites.findings import Findings, quoted
from harness.suites.listing import list_tests
from harness.suites.shape import Path, Shape

SKIPPED = "skipped in the suite"
DISABLED = "disabled in the suite"
SUITE_DISABLED = "its suite is disabled"
SERVER = "server"
PLANNED_NAMES = frozenset({"matrix", "target", SERVER})
Values = Mapping[str, JsonValue]


@dataclass(frozen=True)
class Decision:
    """Why a test is skipped, empty when it is not; and the conditions that only the worker can judge."""

    reason: str = ""
    open: tuple[Condition, ...] = ()


def decide(suite: Suite, test: TestCase, known: Values) -> Decision:
    """What is known of a test before its run. `known`: `target`, and what the environment allows.

    Raises ValueError, in one sentence, for a condition that cannot be evaluated.
    """
    if not suite.enabled:
        return Decision(SUITE_DISABLED)
    if not test.enabled:
        return Decision(DISABLED)
    if test.skip:
        return Decision(SKIPPED)
    matrix: JsonValue = {name: values[0] for name, values in test.matrix.items() if values}
    names = {**known, **suite.variables, **test.variables, "matrix": matrix}
    left: list[Condition] = []
    for condition in _conditions(suite, test):
        expression = compile_expression(condition.expression)
        if SERVER in expression.names:
            left.append(condition.model_copy(update={"names": _needed(expression, names)}))
        elif reason := verdict_of(condition, names):
            return Decision(reason)
    return Decision(open=tuple(left))


def verdict_of(condition: Condition, names: Values) -> str:
    """Why the test is skipped; empty when it is not. Raises ValueError."""
    try:
        holds = compile_expression(condition.expression).holds(names)
    except ValueError as problem:
        raise ValueError(f"{condition.key} {quoted(condition.expression)}: {problem}") from None
    return f"{condition.key}: {condition.expression}" if holds == condition.skips_when else ""


def conditions_can_be_read(suite: Suite, shape: Shape, findings: Findings) -> None:
    """Every condition is an expression."""
    places: list[tuple[Path, str | None]] = [((key,), getattr(suite, key)) for key in ("skip_if", "only_if")]
    for listed in list_tests(suite):
        places += [((*listed.place, key), getattr(listed.test, key)) for key in ("skip_if", "only_if")]
    for path, text in places:
        try:
            if text is not None:
                compile_expression(text)
        except ValueError as problem:
            findings.error(shape.spot_of(path).value, f"{quoted(str(path[-1]))} {quoted(text or '')}: {problem}")


def _conditions(suite: Suite, test: TestCase) -> Iterator[Condition]:
    for owner in (suite, test):
        if owner.skip_if is not None:
            yield Condition(key="skip_if", expression=owner.skip_if, skips_when=True)
        if owner.only_if is not None:
            yield Condition(key="only_if", expression=owner.only_if, skips_when=False)


def _needed(expression: Expression, names: Values) -> dict[str, JsonValue]:
    return {name: names[name] for name in sorted(expression.names) if name in names}
