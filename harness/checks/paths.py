"""Paths into an answer: text → Path, and what a Path selects.

RFC 9535 JSONPath, and dot paths (`content[0].text`, which is `$.content[0].text`). One rule of the seed is kept, on
which the public suites rely: `$[0]…` means `content[0]` of a tool result, because its library let an index on an
object reach into the arrays that the object holds. python-jsonpath reads the text; `query.py` evaluates what it read,
in bounded work.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonpath
from jsonpath.exceptions import JSONPathError
from jsonpath.segments import JSONPathChildSegment
from jsonpath.selectors import IndexSelector, SliceSelector
from jsonpath.token import TOKEN_EOF, TOKEN_INT, Token

from harness.checks.budget import Budget
from harness.checks.query import check_query, select_nodes

MAX_PATH_CHARACTERS = 1_000

# Strict: exactly the RFC, so that a path means the same here and elsewhere.
_READER = jsonpath.JSONPathEnvironment(strict=True)


@dataclass(frozen=True)
class Path:
    """A compiled path. `text` is what the author wrote. Compare and hash by it."""

    text: str
    _query: jsonpath.JSONPath

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Path) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def select(self, subject: Mapping[str, Any], budget: Budget) -> list[Any]:
        """The values that the path selects, in document order; raises BudgetSpent."""
        return select_nodes(self._query, subject, budget)


@lru_cache(maxsize=2048)
def compile_path(text: str) -> Path:
    """Compile a JSONPath or dot path; raises ValueError with one sentence that says what is wrong and where."""
    if len(text) > MAX_PATH_CHARACTERS:
        raise ValueError(f"path is longer than {MAX_PATH_CHARACTERS} characters")
    query = _read(_with_root(text), text)
    if _starts_with_index(query):
        query = _read("$.content" + _with_root(text)[1:], text)
    check_query(query)
    return Path(text, query)


def _with_root(text: str) -> str:
    if text.startswith("$"):
        return text
    if not text or text.startswith(("[", ".")):
        return "$" + text
    return "$." + text


def _read(rooted: str, text: str) -> jsonpath.JSONPath:
    try:
        query = _READER.compile(rooted)
    except JSONPathError as error:
        raise ValueError(f"not a path: {_explanation(error, rooted, text)}") from error
    except (ValueError, OverflowError, RecursionError) as error:
        raise ValueError("not a path: a number in it is not one, or it is nested too deeply") from error
    if not isinstance(query, jsonpath.JSONPath):
        raise ValueError("not a path: '|' and '&' between paths are not supported")
    return query


def _explanation(error: JSONPathError, rooted: str, text: str) -> str:
    message = str(error.args[0]) if error.args else "it cannot be read"
    if error.token is None or error.token.kind == TOKEN_EOF:
        return f"{message} in {text!r}"
    position = max(0, error.token.index - (len(rooted) - len(text))) + 1
    return f"{message} at character {position} of {text!r}{_remedy(error.token, rooted)}"


def _remedy(token: Token, rooted: str) -> str:
    if token.value == "(" and "?" not in rooted:
        return "; for lengths use min_length, max_length or array_length"
    if token.kind == TOKEN_INT and rooted[: token.index].endswith("."):
        return f"; write [{token.value}] for an element of an array"
    return ""


def _starts_with_index(query: jsonpath.JSONPath) -> bool:
    first = query.segments[0] if query.segments else None
    return isinstance(first, JSONPathChildSegment) and all(
        isinstance(selector, IndexSelector | SliceSelector) for selector in first.selectors
    )
