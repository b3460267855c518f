"""The language of conditions and templates: small, without side effects, bounded in work. Pure.

It has the operators, literals and precedence of Python expressions, over JSON values: `matrix.size > 10 and
target.name in ["a", "b"]`. A dot reaches into a mapping and nowhere else; only the functions below can be called.
simpleeval walks the syntax tree; this module decides which trees it may walk.
"""

import ast
import json
import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from pydantic import JsonValue
from simpleeval import DEFAULT_OPERATORS, EvalWithCompoundTypes, InvalidExpression, IterableTooLong, NameNotDefined

from harness.checks.budget import Budget, BudgetSpent
from harness.checks.pattern import compile_pattern

MAX_CHARACTERS = 1_000
MAX_NODES = 200
MAX_STEPS = 100_000
MAX_RESULT_CHARACTERS = 100_000
_WORDS: Mapping[str, JsonValue] = MappingProxyType({"true": True, "false": False, "null": None})
_NODES = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.BinOp, ast.Add, ast.Sub,
    ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In,
    ast.NotIn, ast.IfExp, ast.Constant, ast.Name, ast.Load, ast.Attribute, ast.Subscript, ast.List, ast.Tuple, ast.Call,
)  # fmt: skip


class Expression:
    """A compiled expression. `names` are those it needs from outside."""

    def __init__(self, text: str, tree: ast.Expression) -> None:
        self.text = text
        self._tree = tree
        called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        self.names = frozenset(
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and id(node) not in called and node.id not in _WORDS
        )

    def evaluate(self, names: Mapping[str, JsonValue]) -> JsonValue:
        """Its value where `names` have these values. Raises ValueError in one sentence."""
        try:
            return _json(_Walker(names).walk(self._tree.body))
        except BudgetSpent:
            raise ValueError("it takes too long") from None
        except (InvalidExpression, ArithmeticError, TypeError, KeyError, IndexError, RecursionError) as problem:
            raise ValueError(_sentence(problem)) from None

    def holds(self, names: Mapping[str, JsonValue]) -> bool:
        """Its value as a condition: false, null, 0, and what is empty do not hold. Raises ValueError."""
        return bool(self.evaluate(names))


@lru_cache(maxsize=2_000)
def compile_expression(text: str) -> Expression:
    """Read an expression. Raises ValueError in one sentence."""
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"an expression has {MAX_CHARACTERS:,} characters at most")
    if not text.strip():
        raise ValueError("an expression is missing")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"not an expression{_hint(text)}") from None
    _refuse_odd_trees(tree)
    return Expression(text, tree)


def _refuse_odd_trees(tree: ast.Expression) -> None:
    for count, node in enumerate(ast.walk(tree)):
        if count >= MAX_NODES:
            raise ValueError("the expression is too long")
        if not isinstance(node, _NODES):
            raise ValueError(f"{type(node).__name__} is not part of this language")
        if isinstance(node, ast.Constant) and not isinstance(node.value, str | int | float | bool | None):
            raise ValueError(f"{type(node.value).__name__} is not a JSON value")
        if isinstance(node, ast.Call):
            _refuse_odd_calls(node)


def _refuse_odd_calls(node: ast.Call) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in FUNCTIONS:
        raise ValueError(f"only these can be called: {', '.join(FUNCTIONS)}")
    if node.keywords:
        raise ValueError(f"{name} takes no named arguments")


def _remainder(left: Any, right: Any) -> Any:
    """Of numbers alone: for Python, `%` after a text is a template."""
    if isinstance(left, str):
        raise InvalidExpression("'%' is for numbers")
    return left % right


_OPERATORS = {**DEFAULT_OPERATORS, ast.Mod: _remainder}


class _Walker(EvalWithCompoundTypes):  # type: ignore[misc]  # simpleeval has no types
    """simpleeval over JSON values alone. Every step costs; a dot is a look into a mapping."""

    def __init__(self, names: Mapping[str, JsonValue]) -> None:
        self._budget = Budget(MAX_STEPS)
        functions = {name: self._bounded(function) for name, function in FUNCTIONS.items()}
        super().__init__(operators=_OPERATORS, functions=functions, names={**_WORDS, **names})

    def walk(self, node: ast.expr) -> Any:
        return self._eval(node)

    def _eval(self, node: ast.AST) -> Any:
        value = super()._eval(node)
        self._budget.spend()
        if isinstance(value, str):
            self._budget.spend_text(len(value))
        return value

    def _eval_attribute(self, node: ast.Attribute) -> Any:
        return _member(self._eval(node.value), node.attr)

    def _bounded(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*values: Any) -> Any:
            return function(self._budget, *values)

        return call


def _member(value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        raise InvalidExpression(f"'.{name[:40]}' reaches into {_kind(value)}, which has no members")
    if name not in value:
        known = ", ".join(sorted(value)[:8])
        raise InvalidExpression(f"there is no '{name[:40]}'; there is {known or 'nothing'}")
    return value[name]


def _length(budget: Budget, value: Any) -> int:
    return len(value)


def _lower(budget: Budget, text: Any) -> str:
    return _text(text).lower()


def _upper(budget: Budget, text: Any) -> str:
    return _text(text).upper()


def _starts_with(budget: Budget, text: Any, part: Any) -> bool:
    return _text(text).startswith(_text(part))


def _ends_with(budget: Budget, text: Any, part: Any) -> bool:
    return _text(text).endswith(_text(part))


def _matches(budget: Budget, text: Any, pattern: Any) -> bool:
    return compile_pattern(_text(pattern)).is_found_in(_text(text), budget)


def _has(budget: Budget, value: Any, name: Any) -> bool:
    return isinstance(value, dict) and name in value


def _version(budget: Budget, text: Any) -> list[int]:
    """`2.10.1-rc1` → [2, 10, 1]: numbers to compare, up to the first part that is none."""
    numbers: list[int] = []
    for part in _text(text).lstrip("v").replace("-", ".").replace("+", ".").split(".")[:10]:
        if not (part.isascii() and part.isdigit() and len(part) < 10):
            break
        numbers.append(int(part))
    return numbers


def _number(budget: Budget, value: Any) -> int | float:
    if isinstance(value, str) and len(value) > 100:
        raise ValueError("too long for a number")
    number = float(value)
    return int(number) if number.is_integer() else number


def _as_text(budget: Budget, value: Any) -> str:
    return text_of(value)


FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "length": _length,
        "lower": _lower,
        "upper": _upper,
        "starts_with": _starts_with,
        "ends_with": _ends_with,
        "matches": _matches,
        "has": _has,
        "version": _version,
        "number": _number,
        "text": _as_text,
    }
)
"""What an expression can call."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"a text is expected, not {_kind(value)}")
    return value


def text_of(value: JsonValue) -> str:
    """A value within a text: texts as they are, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _json(value: Any) -> JsonValue:
    """What came out, if it is a JSON value of a bounded size."""
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("the result is not a JSON number")
    if isinstance(value, str) and len(value) > MAX_RESULT_CHARACTERS:
        raise ValueError("the result is too long")
    if value is None or isinstance(value, str | bool | int | float | dict):
        return value
    raise ValueError("the result is not a JSON value; is a function not called?")


def _kind(value: Any) -> str:
    return "null" if value is None else "text" if isinstance(value, str) else type(value).__name__


def _sentence(problem: Exception) -> str:
    if isinstance(problem, NameNotDefined):
        return f"there is no '{problem.name[:40]}'"
    if isinstance(problem, IterableTooLong):
        return "the result is too long"
    if isinstance(problem, InvalidExpression):
        return str(getattr(problem, "message", "") or problem)[:200]
    return str(problem)[:200] or type(problem).__name__


def _hint(text: str) -> str:
    for wrong, right in (("&&", "and"), ("||", "or"), ("===", "==")):
        if wrong in text:
            return f"; write '{right}' instead of '{wrong}'"
    return ""
