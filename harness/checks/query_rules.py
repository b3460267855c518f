"""Which JSONPath queries `query.py` evaluates: the others are refused when a path is compiled."""

from jsonpath import JSONPath
from jsonpath.filter import (
    BaseExpression,
    FilterExpressionLiteral,
    FunctionExtension,
    InfixExpression,
    Nil,
    PrefixExpression,
    RelativeFilterQuery,
    RootFilterQuery,
    StringLiteral,
)
from jsonpath.selectors import Filter, IndexSelector, NameSelector, SliceSelector, WildcardSelector

from harness.checks.pattern import compile_pattern

MAX_NESTING = 32

LOGICAL_OPERATORS = frozenset({"&&", "||"})
COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
TEXT_FUNCTIONS = frozenset({"match", "search"})
VALUE_FUNCTIONS = frozenset({"length", "count", "value"})


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
