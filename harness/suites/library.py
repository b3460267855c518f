"""What one suite takes from other files: `!include`, `extends`, schemas. Confined to the run's root, and bounded.

Owns the order of inclusion (no circles), how many and how deep, and which files must travel with the suite.
"""

import json
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from harness.suites.build import MAX_DEPTH, Refused
from harness.suites.files import Files
from harness.suites.findings import quoted
from harness.suites.read import read_part
from harness.suites.tree import Mark, Node, node_of

MAX_INCLUDED = 50
MAX_INCLUDED_BYTES = 4 * 1024 * 1024
MAX_INCLUSION_DEPTH = 8


@dataclass(frozen=True)
class IncludedFile:
    """A file that a suite is made of: its path within the run's root, and its content."""

    path: str
    content: bytes


class Library:
    """For one suite. `file` is its path as it is shown; `trail` the files that are open, the suite first."""

    def __init__(self, files: Files, file: str) -> None:
        self._files = files
        self._shown = file
        self._path = files.path_of(file)
        self._trail = [self._path]
        self._included: dict[str, bytes] = {}

    @property
    def included(self) -> tuple[IncludedFile, ...]:
        """All that was read, by path."""
        return tuple(IncludedFile(path, self._included[path]) for path in sorted(self._included))

    def tree(self, named: str, mark: Mark) -> Node:
        """The tree of a YAML file that the file now open names. Raises Refused, and SuiteErrors for what is in it."""
        with self.opened(named, mark) as tree:
            return tree

    @contextmanager
    def opened(self, named: str, mark: Mark) -> Iterator[Node]:
        """The same; until the end of the block, that file is the one from which others are named."""
        path = self._resolved(named, mark)
        if path in self._trail:
            raise Refused(mark, f"{quoted(named)} includes itself", "break the circle")
        if len(self._trail) > MAX_INCLUSION_DEPTH:
            raise Refused(mark, f"files include each other more than {MAX_INCLUSION_DEPTH} deep")
        content = self._content(path, named, mark)
        self._trail.append(path)
        try:
            yield read_part(content, self._shown_path(path), self.tree)
        finally:
            self._trail.pop()

    def json(self, named: str, mark: Mark) -> Node:
        """The JSON value of a file that the suite names, all of it at `mark`. Raises Refused."""
        content = self._content(self._resolved(named, mark), named, mark)
        try:
            value = json.loads(content, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise Refused(mark, f"{quoted(named)} is not JSON: {str(error)[:100]}") from None
        if _depth(value) > MAX_DEPTH:
            raise Refused(mark, f"{quoted(named)} is nested more than {MAX_DEPTH} deep")
        return node_of(value, mark)

    def _resolved(self, named: str, mark: Mark) -> str:
        """The path within the root of what is named relative to the file now open."""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self._trail[-1]), named))
        if not named or named.startswith("/") or path.startswith(("/", "..")) or "\0" in named or "\\" in named:
            raise Refused(mark, f"{quoted(named)} lies outside the folder that is run", "give a path inside it")
        return path

    def _content(self, path: str, named: str, mark: Mark) -> bytes:
        if path not in self._included:
            if len(self._included) >= MAX_INCLUDED:
                raise Refused(mark, f"more than {MAX_INCLUDED} files are included")
            try:
                self._included[path] = self._files.read(path)
            except ValueError as problem:
                raise Refused(mark, f"{quoted(named)} {problem}") from None
            if sum(map(len, self._included.values())) > MAX_INCLUDED_BYTES:
                raise Refused(mark, f"the included files are larger than {MAX_INCLUDED_BYTES // 1024**2} MiB together")
        return self._included[path]

    def _shown_path(self, path: str) -> str:
        """As an author would write it from where the suite was named from."""
        start = posixpath.dirname(self._path) or "."
        return posixpath.normpath(posixpath.join(posixpath.dirname(self._shown), posixpath.relpath(path, start)))


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            member
            for item in level
            if isinstance(item, dict | list)
            for member in (item.values() if isinstance(item, dict) else item)
        ]
    return depth
