"""How many tests ended how: the one count that every report uses, so that no two of them can disagree."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harness.models.outcomes import BAD, EXECUTED, STOPPED, TestOutcome
from harness.models.run import TestReport


@dataclass(frozen=True)
class Totals:
    """`by_outcome` holds the outcomes that occur, in the order of the words; `open` tests have none yet."""

    by_outcome: Mapping[TestOutcome, int]
    open: int

    @property
    def total(self) -> int:
        """All tests."""
        return sum(self.by_outcome.values()) + self.open

    @property
    def bad(self) -> int:
        """Tests that failed, errored or timed out."""
        return self._sum(BAD)

    @property
    def run(self) -> int:
        """Tests that were carried out, or at least tried."""
        return self._sum(EXECUTED)

    @property
    def stopped(self) -> int:
        """Tests that were cancelled, or never started because the run ended before."""
        return self._sum(STOPPED)

    @property
    def unfinished(self) -> int:
        """Tests that say nothing about the server because the run ended, or has not ended."""
        return self.stopped + self.open

    def of(self, outcome: TestOutcome) -> int:
        """How many tests ended so."""
        return self.by_outcome.get(outcome, 0)

    def _sum(self, outcomes: Iterable[TestOutcome]) -> int:
        return sum(self.of(outcome) for outcome in outcomes)


def totals_of(counts: Mapping[TestOutcome, int], total: int) -> Totals:
    """From what is counted already."""
    found = {outcome: counts[outcome] for outcome in TestOutcome if counts.get(outcome)}
    return Totals(MappingProxyType(found), total - sum(found.values()))


def count_outcomes(tests: Iterable[TestReport]) -> Totals:
    """Count the tests of a report, or of a part of it."""
    counts = Counter(test.outcome for test in tests)
    still_open = counts.pop(None, 0)
    found = {outcome: counts[outcome] for outcome in TestOutcome if counts[outcome]}
    return Totals(MappingProxyType(found), still_open)
