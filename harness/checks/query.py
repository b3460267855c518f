"""Evaluates a JSONPath query that python-jsonpath has read: RFC 9535, in bounded work and without recursion on data.

The library's own evaluation is not used: it counts nothing, builds a path text for every node, gives up at 100
levels, and hands `match()` and `search()` to a backtracking engine. `check_query` refuses at load what `select_nodes`
cannot do.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from jsonpath import JSONPath
from jsonpath.filter import (
    BaseExpression,
    FilterExpressionLiteral,
    FilterQuery,
    FunctionExtension,
    InfixExpression,
    Nil,
    PrefixExpression,
    RelativeFilterQuery,
    RootFilterQuery,
    StringLiteral,
)
from jsonpath.segments import JSONPathRecursiveDescentSegment, JSONPathSegment
from jsonpath.selectors import (
    Filter,
    IndexSelector,
    JSONPathSelector,
    NameSelector,
    SliceSelector,
    WildcardSelector,
)

from harness.checks.budget import Budget
from harness.checks.equality import same_json
from harness.checks.pattern import compile_pattern

MAX_NESTING = 32
NOTHING = object()  # RFC 9535's word for the absence of a value

LOGICAL_OPERATORS = frozenset({"&&", "||"})
COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
TEXT_FUNCTIONS = frozenset({"match", "search"})
VALUE_FUNCTIONS = frozenset({"length", "count", "value"})


def select_nodes(query: JSONPath, root: Any, budget: Budget) -> list[Any]:
    """The values that `query` selects in `root`, in document order; raises BudgetSpent."""
    return _Evaluation(root, budget).nodes(query, root)


def check_query(query: JSONPath, depth: int = 0) -> None:
    """Raise ValueError when `query` holds something that `select_nodes` does not evaluate."""
    if depth > MAX_NESTING:
        raise ValueError(f"path is nested more than {MAX_NESTING} deep")
    for segment in query.segments:
        for selector in segment.selectors:
            if isinstance(selector, Filter):
                _check_condition(selector.expression.expression, depth + 1)
            elif not isinstance(selector, NameSelector | IndexSelector | SliceSelector | WildcardSelector):
                raise ValueError(f"selector {selector} is not part of RFC 9535")


def _check_condition(expression: BaseExpression, depth: int) -> None:
    if depth > MAX_NESTING:
        raise ValueError(f"path is nested more than {MAX_NESTING} deep")
    if isinstance(expression, PrefixExpression):
        _check_condition(expression.right, depth + 1)
    elif isinstance(expression, InfixExpression) and expression.operator in LOGICAL_OPERATORS:
        _check_condition(expression.left, depth + 1)
        _check_condition(expression.right, depth + 1)
    elif isinstance(expression, InfixExpression) and expression.operator in COMPARISONS:
        _check_value(expression.left, depth + 1)
        _check_value(expression.right, depth + 1)
    elif isinstance(expression, FunctionExtension) and expression.name in TEXT_FUNCTIONS:
        _check_text_function(expression, depth + 1)
    elif isinstance(expression, RelativeFilterQuery | RootFilterQuery):
        check_query(expression.path, depth + 1)
    else:
        raise ValueError(f"filter {expression} is not a condition")


def _check_value(expression: BaseExpression, depth: int) -> None:
    if isinstance(expression, FunctionExtension) and expression.name in VALUE_FUNCTIONS:
        for argument in expression.args:
            _check_value(argument, depth + 1)
    elif isinstance(expression, RelativeFilterQuery | RootFilterQuery):
        check_query(expression.path, depth + 1)
    elif not isinstance(expression, FilterExpressionLiteral | Nil):
        raise ValueError(f"filter {expression} has no value to compare")


def _check_text_function(function: FunctionExtension, depth: int) -> None:
    subject, pattern = function.args
    _check_value(subject, depth)
    if not isinstance(pattern, StringLiteral):
        raise ValueError(f"{function.name}() takes its pattern as a text in quotes")
    compile_pattern(pattern.value)


@dataclass(frozen=True)
class _Evaluation:
    """One query against one document."""

    root: Any
    budget: Budget

    def nodes(self, query: JSONPath, start: Any) -> list[Any]:
        found = [start]
        for segment in query.segments:
            found = list(self._apply(segment, found))
        return found

    def _apply(self, segment: JSONPathSegment, nodes: Iterable[Any]) -> Iterator[Any]:
        for node in nodes:
            reached = self._descendants(node) if isinstance(segment, JSONPathRecursiveDescentSegment) else (node,)
            for start in reached:
                for selector in segment.selectors:
                    yield from self._selected(selector, start)

    def _descendants(self, node: Any) -> Iterator[Any]:
        """The node and all below it, parents first."""
        waiting = [node]
        while waiting:
            current = waiting.pop()
            self.budget.spend()
            yield current
            waiting.extend(reversed(_members(current)))

    def _selected(self, selector: JSONPathSelector, node: Any) -> Iterator[Any]:
        self.budget.spend()
        for value in self._candidates(selector, node):
            self.budget.spend()
            if not isinstance(selector, Filter) or self._holds(selector.expression.expression, value):
                yield value

    def _candidates(self, selector: JSONPathSelector, node: Any) -> list[Any]:
        if isinstance(selector, NameSelector):
            return [node[selector.name]] if isinstance(node, dict) and selector.name in node else []
        if isinstance(selector, IndexSelector):
            return [node[selector.index]] if isinstance(node, list) and _reaches(selector.index, node) else []
        if isinstance(selector, SliceSelector):
            return node[selector.slice] if isinstance(node, list) and selector.slice.step != 0 else []
        return _members(node)

    def _holds(self, expression: BaseExpression, current: Any) -> bool:
        self.budget.spend()
        if isinstance(expression, PrefixExpression):
            return not self._holds(expression.right, current)
        if isinstance(expression, InfixExpression):
            return self._infix(expression, current)
        if isinstance(expression, FunctionExtension):
            return self._text_function(expression, current)
        return bool(self._query(expression, current))

    def _infix(self, expression: InfixExpression, current: Any) -> bool:
        if expression.operator == "&&":
            return self._holds(expression.left, current) and self._holds(expression.right, current)
        if expression.operator == "||":
            return self._holds(expression.left, current) or self._holds(expression.right, current)
        return self._compare(
            self._value(expression.left, current), expression.operator, self._value(expression.right, current)
        )

    def _compare(self, left: Any, operator: str, right: Any) -> bool:
        if operator == "==":
            return self._equal(left, right)
        if operator == "!=":
            return not self._equal(left, right)
        if operator in (">", ">="):
            left, right = right, left
        return self._is_less(left, right) or (operator in ("<=", ">=") and self._equal(left, right))

    def _equal(self, left: Any, right: Any) -> bool:
        if left is NOTHING or right is NOTHING:
            return left is right
        return same_json(left, right, self.budget)

    def _is_less(self, left: Any, right: Any) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            self.budget.spend_text(min(len(left), len(right)))
            return left < right
        return _is_number(left) and _is_number(right) and bool(left < right)

    def _value(self, expression: BaseExpression, current: Any) -> Any:
        self.budget.spend()
        if isinstance(expression, Nil):
            return None
        if isinstance(expression, FilterExpressionLiteral):
            return expression.value
        if isinstance(expression, FunctionExtension):
            return self._value_function(expression, current)
        found = self._query(expression, current)
        return found[0] if len(found) == 1 else NOTHING

    def _query(self, expression: BaseExpression, current: Any) -> list[Any]:
        assert isinstance(expression, FilterQuery)  # check_query let nothing else through
        return self.nodes(expression.path, self.root if isinstance(expression, RootFilterQuery) else current)

    def _value_function(self, function: FunctionExtension, current: Any) -> Any:
        if function.name == "count":
            return len(self._query(function.args[0], current))
        value = self._value(function.args[0], current)
        if function.name == "value":
            return value
        return len(value) if isinstance(value, str | list | dict) else NOTHING

    def _text_function(self, function: FunctionExtension, current: Any) -> bool:
        subject = self._value(function.args[0], current)
        if not isinstance(subject, str):
            return False
        pattern = compile_pattern(self._value(function.args[1], current))
        if function.name == "match":
            return pattern.matches_all_of(subject, self.budget)
        return pattern.is_found_in(subject, self.budget)


def _members(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _reaches(index: int, values: list[Any]) -> bool:
    return -len(values) <= index < len(values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
