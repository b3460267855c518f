"""When a run may end: from what its tests usually take, or else from what those took that have ended. Pure.

An estimate: the work that waits, shared by as many as were busy so far; never less than the longest test that waits,
nor than what the busiest server has before it.
"""

import statistics
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.models.job import SuitePlan
from harness.models.run import TestReport
from scheduler.reports.usual import Usual
from scheduler.reports.wording import clock

SAMPLES = 101
FIRST_SHARE, FIRST_S = 0.05, 10.0
"""Nothing is told before so much has ended, or so much time has passed."""
FALL = 1.5
"""What is told falls at most so many times as fast as the clock."""
LATE = 1.2


@dataclass
class _Suite:
    """What waits of one suite on one server: tests that are known, by their usual seconds, and others by number."""

    at_once: int
    known_s: dict[int, float] = field(default_factory=dict)
    unknown: set[int] = field(default_factory=set)
    taken_s: deque[float] = field(default_factory=lambda: deque(maxlen=SAMPLES))

    def left_s(self, otherwise_s: float) -> float:
        """Seconds of work that wait."""
        each_s = statistics.median(self.taken_s) if self.taken_s else otherwise_s
        return sum(self.known_s.values()) + len(self.unknown) * each_s


class Forecast:
    """Watches one run. `usual`: what its tests took before."""

    def __init__(self, plans: Sequence[SuitePlan], usual: Usual) -> None:
        self._usual = usual
        self._suites: dict[tuple[str, str], _Suite] = {}
        self._taken_s: deque[float] = deque(maxlen=SAMPLES)
        self._busy_s, self._total, self._ended = 0.0, 0, 0
        self._told_s: float | None = None
        self._told_at = 0.0
        for plan in plans:
            self._add(plan)

    def finished(self, test: TestReport) -> None:
        """A test has ended."""
        suite = self._suites.get((test.suite, test.target))
        if suite is None:
            return
        waited = suite.known_s.pop(test.number, None) is not None or test.number in suite.unknown
        suite.unknown.discard(test.number)
        self._ended += waited
        for samples in (suite.taken_s, self._taken_s):
            samples.append(test.duration_s)
        self._busy_s += test.duration_s

    def text(self, elapsed_s: float, running_s: float = 0.0) -> str:
        """`about 40s left`, `longer than usual (usual 1m45s)`, or nothing where it is too early to tell."""
        if self._usual.run_s is not None and elapsed_s > LATE * self._usual.run_s:
            return f"longer than usual (usual {clock(self._usual.run_s)})"
        left_s = self.left_s(elapsed_s, running_s)
        return "" if left_s is None else f"about {rounded(left_s)} left"

    def left_s(self, elapsed_s: float, running_s: float = 0.0) -> float | None:
        """Seconds until the end, as they are told; None where it is too early.

        `running_s`: for how long the tests that run now have been running, all together.
        """
        early = self._ended < FIRST_SHARE * self._total and elapsed_s < FIRST_S
        if early or not self._taken_s or elapsed_s <= 0:
            return None
        found = self._estimate_s(elapsed_s, running_s)
        if self._told_s is not None:
            found = max(found, self._told_s - FALL * (elapsed_s - self._told_at))
        self._told_s, self._told_at = found, elapsed_s
        return found

    def _add(self, plan: SuitePlan) -> None:
        suite = self._suites.setdefault((plan.suite, plan.target), _Suite(plan.max_concurrency))
        for test in plan.tests:
            if test.skip_reason:
                continue
            self._total += 1
            usual_s = self._usual.median_s.get(test.test_id)
            if usual_s is None:
                suite.unknown.add(test.number)
            else:
                suite.known_s[test.number] = usual_s

    def _estimate_s(self, elapsed_s: float, running_s: float) -> float:
        otherwise_s = statistics.median(self._taken_s)
        busy = max(1.0, (self._busy_s + running_s) / elapsed_s)
        works = [(suite.left_s(otherwise_s), suite) for suite in self._suites.values()]
        longest_s = max((max(suite.known_s.values(), default=0.0) for _, suite in works), default=0.0)
        busiest_s = max((suite_s / suite.at_once for suite_s, suite in works), default=0.0)
        work_s = max(0.0, sum(suite_s for suite_s, _ in works) - running_s)
        return max(work_s / busy, longest_s - running_s, busiest_s - running_s)


def rounded(seconds: float) -> str:
    """Rounded up: to 5 s below a minute, to 15 s below ten, else to a minute."""
    step = 5 if seconds <= 60 else 15 if seconds <= 600 else 60
    whole = max(step, int(-(-seconds // step) * step))
    return f"{whole}s" if whole < 60 else clock(whole)
