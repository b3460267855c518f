"""The verdict on one answer: which expectations do not hold. Pure, and bounded in work whatever the server sent.

An answer that is an error where none was expected, or the reverse, fails on `error` alone: everything else in it is
then about the wrong thing. Otherwise every key that the author gave is checked, and every failure is reported.
"""

from collections.abc import Iterator
from typing import Any

from harness.checks.answer import Answer
from harness.checks.budget import MAX_STEPS, Budget, BudgetSpent
from harness.checks.paths import compile_path
from harness.checks.show import LIMIT, Mismatch
from harness.checks.subject import MISSING, document, selected_value
from harness.checks.table import ANSWER_CHECKS, FIELD_CHECKS, NULL_COUNTS
from harness.models.attempt import CheckFailure
from harness.models.expected import Expected, FieldExpectation
from harness.safe_text import one_line

MAX_PATH_SHOWN = 200
OUT_OF_BUDGET = Mismatch("an answer that can be judged", f"judging it takes more than {MAX_STEPS:,} steps")


def judge(expected: Expected, answer: Answer) -> tuple[CheckFailure, ...]:
    """The checks that do not hold, in the order of the suite; empty when the answer is as expected. Never raises."""
    failures = []
    try:
        for failure in _failures(expected, answer, Budget()):
            failures.append(failure)  # one by one: those found before the budget is spent are kept
    except BudgetSpent:
        failures.append(_failure("budget", "", OUT_OF_BUDGET))
    return tuple(failures)


def given_checks(field: FieldExpectation) -> tuple[str, ...]:
    """The names of the checks that the author asks for at this path."""
    return tuple(
        name
        for name in FIELD_CHECKS
        if name in field.model_fields_set and (name in NULL_COUNTS or getattr(field, name) is not None)
    )


def _failures(expected: Expected, answer: Answer, budget: Budget) -> Iterator[CheckFailure]:
    for name, check in ANSWER_CHECKS.items():
        mismatch = check(expected, answer, budget)
        if mismatch:
            yield _failure(name, "", mismatch)
            if name == "error":
                return
    subject = document(answer)
    for field in expected.fields:
        yield from _field_failures(field, subject, budget)


def _field_failures(field: FieldExpectation, subject: dict[str, Any], budget: Budget) -> Iterator[CheckFailure]:
    try:
        value = selected_value(compile_path(field.path).select(subject, budget))
    except ValueError as error:
        yield _failure("path", field.path, Mismatch("a path", one_line(str(error), LIMIT)))
        return
    names = given_checks(field)
    if value is MISSING or (value is None and not names):
        if field.required:
            yield _failure("required", field.path, Mismatch("a value", _show_absence(value, subject)))
        return
    for name in names:
        mismatch = FIELD_CHECKS[name](getattr(field, name), value, budget)
        if mismatch:
            yield _failure(name, field.path, mismatch)


def _show_absence(value: Any, subject: dict[str, Any]) -> str:
    if value is None:
        return "null"
    return one_line("nothing; the answer has " + ", ".join(list(subject)[:20]), LIMIT)


def _failure(check: str, path: str, mismatch: Mismatch) -> CheckFailure:
    return CheckFailure(
        check=check, path=one_line(path, MAX_PATH_SHOWN), expected=mismatch.expected, actual=mismatch.actual
    )
