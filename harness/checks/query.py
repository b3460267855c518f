"""Evaluates a JSONPath query that python-jsonpath has read: RFC 9535, in bounded work and without recursion on data.

The library's own evaluation is not used: it counts nothing, builds a path text for every node, gives up at 100
levels, and hands `match()` and `search()` to a backtracking engine. `query_rules.py` refuses at load what is not
evaluated here.
"""

from collections.abc import Iterable, Iterator, Sequence
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
    RootFilterQuery,
)
from jsonpath.segments import JSONPathRecursiveDescentSegment, JSONPathSegment
from jsonpath.selectors import (
    Filter,
    IndexSelector,
    JSONPathSelector,
    NameSelector,
    SliceSelector,
)

from harness.checks.budget import Budget
from harness.checks.equality import same_json
from harness.checks.pattern import compile_pattern

NOTHING = object()  # RFC 9535's word for the absence of a value

Steps = tuple[Any, ...]  # (steps to the parent, key), or () at the root
Node = tuple[Steps, Any]  # where, and the value


def select_nodes(query: JSONPath, root: Any, budget: Budget) -> list[Node]:
    """What `query` selects in `root`, in document order; raises BudgetSpent."""
    return _Evaluation(root, budget).nodes(query.segments, ((), root))


def walk_nodes(query: JSONPath, root: Any, budget: Budget) -> Iterator[tuple[JSONPathSegment, list[Node]]]:
    """Each segment of `query` with the nodes that it is applied to; raises BudgetSpent."""
    found: list[Node] = [((), root)]
    for segment in query.segments:
        yield segment, found
        found = _Evaluation(root, budget).nodes((segment,), *found)


def select_each(query: JSONPath, root: Any, budget: Budget) -> list[Node]:
    """Like `select_nodes`, but where only the last, single steps lead nowhere the node is there, as NOTHING.

    `items[*].id` so has a node for every item, also for one without an id. Raises BudgetSpent.
    """
    evaluation = _Evaluation(root, budget)
    several, single = _split(query)
    return [
        node
        for start in evaluation.nodes(several, ((), root))
        for node in evaluation.nodes(single, start) or [(_steps_along(single, start[0]), NOTHING)]
    ]


def keys_of(steps: Steps) -> tuple[str | int, ...]:
    """The keys and indices from the root to a node."""
    keys = []
    while steps:
        steps, key = steps
        keys.append(key)
    return tuple(reversed(keys))


def is_single(segment: JSONPathSegment) -> bool:
    """Whether the step leads to one value at most."""
    return (
        not isinstance(segment, JSONPathRecursiveDescentSegment)
        and len(segment.selectors) == 1
        and isinstance(segment.selectors[0], NameSelector | IndexSelector)
    )


def _split(query: JSONPath) -> tuple[Sequence[JSONPathSegment], Sequence[JSONPathSegment]]:
    """The segments up to the last one that may select several nodes, and the single steps after it."""
    segments = list(query.segments)
    first = len(segments)
    while first and is_single(segments[first - 1]):
        first -= 1
    return segments[:first], segments[first:]


def _steps_along(segments: Iterable[JSONPathSegment], steps: Steps) -> Steps:
    for segment in segments:
        selector = segment.selectors[0]
        steps = (steps, selector.name if isinstance(selector, NameSelector) else getattr(selector, "index", 0))
    return steps


@dataclass(frozen=True)
class _Evaluation:
    """One query against one document."""

    root: Any
    budget: Budget

    def nodes(self, segments: Iterable[JSONPathSegment], *start: Node) -> list[Node]:
        found = list(start)
        for segment in segments:
            found = list(self._apply(segment, found))
        return found

    def _apply(self, segment: JSONPathSegment, nodes: Iterable[Node]) -> Iterator[Node]:
        for node in nodes:
            reached = self._descendants(node) if isinstance(segment, JSONPathRecursiveDescentSegment) else (node,)
            for start in reached:
                for selector in segment.selectors:
                    yield from self._selected(selector, start)

    def _descendants(self, node: Node) -> Iterator[Node]:
        """The node and all below it, parents first."""
        waiting = [node]
        while waiting:
            current = waiting.pop()
            self.budget.spend()
            yield current
            waiting.extend(reversed(_members(current)))

    def _selected(self, selector: JSONPathSelector, node: Node) -> Iterator[Node]:
        self.budget.spend()
        for candidate in self._candidates(selector, node):
            self.budget.spend()
            if not isinstance(selector, Filter) or self._holds(selector.expression.expression, candidate[1]):
                yield candidate

    def _candidates(self, selector: JSONPathSelector, node: Node) -> list[Node]:
        steps, value = node
        if isinstance(selector, NameSelector):
            name = selector.name
            return [((steps, name), value[name])] if isinstance(value, dict) and name in value else []
        if isinstance(selector, IndexSelector):
            is_there = isinstance(value, list) and _reaches(selector.index, value)
            return [_element(node, selector.index)] if is_there else []
        if isinstance(selector, SliceSelector):
            if not isinstance(value, list) or selector.slice.step == 0:
                return []
            return [_element(node, index) for index in range(len(value))[selector.slice]]
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
        start = self.root if isinstance(expression, RootFilterQuery) else current
        return [value for _, value in self.nodes(expression.path.segments, ((), start))]

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


def _members(node: Node) -> list[Node]:
    steps, value = node
    if isinstance(value, dict):
        return [((steps, key), member) for key, member in value.items()]
    return [((steps, index), member) for index, member in enumerate(value)] if isinstance(value, list) else []


def _element(node: Node, index: int) -> Node:
    steps, values = node
    return (steps, index % len(values)), values[index]


def _reaches(index: int, values: list[Any]) -> bool:
    return -len(values) <= index < len(values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
