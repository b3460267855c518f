"""Paths into an answer: text → Path, and what a Path selects.

RFC 9535 JSONPath, and dot paths (`content[0].text`, which is `$.content[0].text`). One rule of the seed is kept, on
which the public suites rely: `$[0]…` means `content[0]` of a tool result, because its library let an index on an
object reach into the arrays that the object holds. python-jsonpath reads the text; `query.py` evaluates what it read,
in bounded work.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import jsonpath
from jsonpath.exceptions import JSONPathError
from jsonpath.segments import JSONPathChildSegment, JSONPathSegment
from jsonpath.selectors import IndexSelector, SliceSelector
from jsonpath.token import TOKEN_EOF, TOKEN_INT, Token

from harness.checks.budget import Budget
from harness.checks.query import NOTHING, is_single, keys_of, select_each, select_nodes, walk_nodes
from harness.checks.query_rules import check_query

MAX_PATH_CHARACTERS = 1_000
MISSING = object()
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")

# Strict: exactly the RFC, so that a path means the same here and elsewhere.
_READER = jsonpath.JSONPathEnvironment(strict=True)


class Place(NamedTuple):
    """A value in a document, and the way to it. Compare by `keys`."""

    steps: tuple[Any, ...]
    value: Any

    @property
    def keys(self) -> tuple[str | int, ...]:
        """The keys and indices from the root."""
        return keys_of(self.steps)


@dataclass(frozen=True)
class Path:
    """A compiled path. `text` is what the author wrote. Compare and hash by it."""

    text: str
    _query: jsonpath.JSONPath

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Path) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def is_single(self) -> bool:
        """Whether the path selects one value at most, whatever the document."""
        return all(map(is_single, self._query.segments))

    def select(self, subject: Any, budget: Budget) -> list[Any]:
        """The values that the path selects, in document order; raises BudgetSpent."""
        return [value for _, value in select_nodes(self._query, subject, budget)]

    def select_places(self, subject: Any, budget: Budget) -> list[Place]:
        """The same, each value with its place."""
        return [Place(steps, value) for steps, value in select_nodes(self._query, subject, budget)]

    def select_each(self, subject: Any, budget: Budget) -> list[Place]:
        """Like `select_places`, with MISSING where `items[*].id` finds an item without an id."""
        return [
            Place(steps, MISSING if value is NOTHING else value)
            for steps, value in select_each(self._query, subject, budget)
        ]

    def walk(self, subject: Any, budget: Budget) -> Iterator[tuple[JSONPathSegment, list[Place]]]:
        """Each step of the path with the values that it is applied to."""
        for segment, nodes in walk_nodes(self._query, subject, budget):
            yield segment, [Place(steps, value) for steps, value in nodes]

    def written(self, place: Place) -> str:
        """One place in the author's manner: `items[3].price` for `items[*].price`, with `$` where he wrote one."""
        written = written_keys(place.keys)
        return "$" + written if self.text.startswith("$") else written.removeprefix(".") or "$"


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


def written_keys(keys: Iterable[str | int]) -> str:
    """Keys and indices as they stand in a path, after its `$`: `.items[3].price`."""
    return "".join(_step(key) for key in keys)


def _step(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    return f".{key}" if _PLAIN_NAME.fullmatch(key) else "['" + key.replace("\\", "\\\\").replace("'", "\\'") + "']"


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
