"""When a test counts as slow: over a limit, or far over what it took before. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harness.models.outcomes import EXECUTED
from harness.models.run import TestReport

SLOW_S = 10.0
TIMES_USUAL, LEAST_S = 3.0, 1.0
"""Three times what it took in nineteen of twenty runs, and a second at least: milliseconds are nobody's wait."""


@dataclass(frozen=True)
class SlowTerms:
    """`p95_s`: what a test took in nineteen of twenty earlier runs, by id, where that is known."""

    limit_s: float = SLOW_S
    p95_s: Mapping[str, float] = field(default_factory=dict)

    def mark_s(self, test_id: str) -> float:
        """From how many seconds on the test is slow."""
        usual = self.p95_s.get(test_id)
        return self.limit_s if usual is None else min(self.limit_s, max(LEAST_S, TIMES_USUAL * usual))

    def is_slow(self, test: TestReport) -> bool:
        """Whether the test was carried out, and took so long."""
        return test.outcome in EXECUTED and test.duration_s >= self.mark_s(test.test_id)


def slow_tests(tests: Iterable[TestReport], terms: SlowTerms) -> list[TestReport]:
    """The slow ones, the slowest first."""
    return sorted((test for test in tests if terms.is_slow(test)), key=lambda test: -test.duration_s)
