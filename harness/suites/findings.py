"""What loading finds out about one file: errors, warnings, and keys that do not act yet, each with its place.

Owns how such findings are collected, bounded and worded. Whatever it shows of a file is escaped and clipped.
"""

import difflib
from collections.abc import Iterable

from harness.errors import Problem, SuiteErrors
from harness.safe_text import one_line
from harness.suites.tree import Mark

MAX_SHOWN_CHARACTERS = 60
# Finding the nearest word compares many pairs of words: a file full of typos must not cost minutes.
MAX_SUGGESTIONS = 25
MAX_CANDIDATES = 500
MAX_SUGGESTED_CHARACTERS = 200


class Findings:
    """Collects the problems of one file. The same finding twice (a node used by two aliases) counts once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._errors: dict[Problem, None] = {}
        self._warnings: dict[Problem, None] = {}
        self._deferred: dict[Problem, None] = {}
        self._suggestions_left = MAX_SUGGESTIONS

    def error(self, mark: Mark, message: str, hint: str = "") -> None:
        """Note what makes the file unacceptable."""
        self._errors[self.problem(mark, message, hint)] = None

    def warn(self, mark: Mark, message: str, hint: str = "") -> None:
        """Note what the author should know."""
        self._warnings[self.problem(mark, message, hint)] = None

    def defer(self, mark: Mark, key: str, why: str = "") -> None:
        """Note a documented key that does not act (yet). `why` follows the key in the sentence."""
        self._deferred[self.problem(mark, f"{key} {why or 'does not act yet'}")] = None

    def did_you_mean(self, word: str, known: Iterable[str]) -> str:
        """A hint with the nearest known word, or nothing when none is near."""
        if self._suggestions_left <= 0 or len(word) > MAX_SHOWN_CHARACTERS:
            return ""
        self._suggestions_left -= 1
        near = nearest(word, known, count=1)
        return f"did you mean {quoted(near[0])}?" if near else ""

    def problem(self, mark: Mark, message: str, hint: str = "") -> Problem:
        """A problem at a place, which may be in a file that this one includes."""
        return Problem(mark.file or self.file, mark.line, mark.column, message, hint)

    def raise_errors(self) -> None:
        """Raise SuiteErrors when there is any error; its problems are in file order."""
        if self._errors:
            raise SuiteErrors(tuple(sorted(self._errors)))

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """All warnings in file order."""
        return tuple(sorted(self._warnings))

    @property
    def deferred(self) -> tuple[Problem, ...]:
        """All keys that do not act yet, in file order."""
        return tuple(sorted(self._deferred))


def nearest(word: str, known: Iterable[str], *, count: int) -> list[str]:
    """Up to `count` of the known words that resemble `word`, best first."""
    if len(word) > MAX_SUGGESTED_CHARACTERS:
        return []
    candidates = [name for _, name in zip(range(MAX_CANDIDATES), known, strict=False)]
    return difflib.get_close_matches(word, candidates, n=count, cutoff=0.6)


def quoted(text: str, limit: int = MAX_SHOWN_CHARACTERS) -> str:
    """`text` in quotes, safe to print, clipped to `limit` characters."""
    return f"'{one_line(text, limit)}'"
