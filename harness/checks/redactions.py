"""What snapshots leave out: values at paths, and what patterns find in texts. A copy; the answer stays as it is."""

from collections.abc import Mapping
from typing import Any

from harness.checks.budget import Budget
from harness.checks.case import Case
from harness.checks.paths import compile_path
from harness.checks.pattern import Pattern, compile_pattern
from harness.models.expected import Redaction

MAX_DEPTH = 64


class TooDeep(Exception):
    """Raised when a value is nested too deeply to be kept."""


def redacted(document: Any, case: Case) -> Any:
    """The document without what the author leaves out; raises TooDeep, ValueError, BudgetSpent."""
    places: dict[tuple[str | int, ...], str] = {}
    patterns: list[tuple[Pattern, str]] = []
    for redaction in case.expected.redactions:
        places |= _places(redaction, document, case.budget)
        if redaction.pattern is not None:
            patterns.append((compile_pattern(redaction.pattern), redaction.replace))
    return _Redaction(places, patterns, case.budget).of(document, ())


def _places(redaction: Redaction, document: Any, budget: Budget) -> dict[tuple[str | int, ...], str]:
    if redaction.path is None:
        return {}
    found = compile_path(redaction.path).select_places(document, budget)
    return {place.keys: redaction.replace for place in found}


class _Redaction:
    def __init__(
        self, places: Mapping[tuple[str | int, ...], str], patterns: list[tuple[Pattern, str]], budget: Budget
    ) -> None:
        self._places = places
        self._patterns = patterns
        self._budget = budget

    def of(self, value: Any, keys: tuple[str | int, ...]) -> Any:
        """A copy of `value`, which stands at `keys`."""
        self._budget.spend()
        if keys in self._places:
            return self._places[keys]
        if len(keys) > MAX_DEPTH:
            raise TooDeep
        if isinstance(value, dict):
            return {key: self.of(member, (*keys, key)) for key, member in value.items()}
        if isinstance(value, list):
            return [self.of(item, (*keys, at)) for at, item in enumerate(value)]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        for pattern, replace in self._patterns:
            text = pattern.replaced_in(text, replace, self._budget)
        return text
