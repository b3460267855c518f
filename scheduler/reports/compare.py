"""What is different between two runs: causes, outcomes, durations beyond noise, versions, tests. Pure."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from math import exp, log
from typing import TypeVar

from harness.models.causes import FixedCause, RunCause, VersionChange
from harness.models.looking_back import DurationChange, OutcomeChange, RunDifference
from harness.models.outcomes import BAD, GOOD, TestOutcome
from harness.models.run import RunReport, TestReport
from harness.safe_text import one_line
from scheduler.reports.attempts import deciding_record
from scheduler.reports.causes import causes_of
from scheduler.reports.wording import MAX_TEXT

MAX_ENTRIES = 1_000
MIN_FACTOR, MIN_CHANGE_S = 1.5, 0.02
"""A change of less than half, or of less than 20 ms, is never told: so much comes from the machine."""
SIGMAS, MAD_TO_SIGMA = 4.0, 1.4826

Entry = TypeVar("Entry")


def compare(before: RunReport, after: RunReport) -> RunDifference:
    """The difference of two runs. Tests are the same when their ids are; causes when their keys and servers are."""
    old, new = _by_id(before.tests), _by_id(after.tests)
    both = [(old[test_id], test) for test_id, test in new.items() if test_id in old]
    outcomes = sorted(
        (change for pair in both if (change := _outcome(*pair))), key=lambda change: change.after not in BAD
    )
    noise = noise_factor(both)
    durations = _durations(both, noise)
    added, removed = [test for test in new if test not in old], [test for test in old if test not in new]
    fresh, still = _causes(before, after)
    return RunDifference(
        before=before.run,
        after=after.run,
        is_worse=bool(fresh) or any(_is_worse(*pair) for pair in both),
        new=fresh,
        still=still,
        fixed=_fixed(before, after),
        outcomes=_first(outcomes),
        outcomes_left_out=_left_out(outcomes),
        noise=round(noise, 2),
        durations=_first(durations),
        durations_left_out=_left_out(durations),
        versions=_versions(before.tests, after.tests),
        added=_first(added),
        added_left_out=_left_out(added),
        removed=_first(removed),
        removed_left_out=_left_out(removed),
    )


def noise_factor(both: Sequence[tuple[TestReport, TestReport]]) -> float:
    """By what factor a duration must change to be more than noise, from how much all of them changed.

    Four times the spread (the median absolute deviation) of the logarithms, half as much again at least.
    """
    ratios = [log(after / before) for before, after in _measured(both)]
    if len(ratios) < 2:
        return MIN_FACTOR
    middle = statistics.median(ratios)
    spread = statistics.median(abs(ratio - middle) for ratio in ratios) * MAD_TO_SIGMA
    return max(MIN_FACTOR, exp(min(SIGMAS * spread, 10.0)))


def _by_id(tests: Iterable[TestReport]) -> Mapping[str, TestReport]:
    return {test.test_id: test for test in tests}


def _outcome(before: TestReport, after: TestReport) -> OutcomeChange | None:
    if before.outcome == after.outcome:
        return None
    reason = one_line(after.reason, MAX_TEXT) if after.outcome not in GOOD else ""
    return OutcomeChange(test_id=after.test_id, before=before.outcome, after=after.outcome, reason=reason)


def _is_worse(before: TestReport, after: TestReport) -> bool:
    return after.outcome in BAD and before.outcome not in BAD


def _durations(both: Sequence[tuple[TestReport, TestReport]], noise: float) -> list[DurationChange]:
    changes = [(abs(log(after / before)), pair, before, after) for pair in both for before, after in _measured([pair])]
    told = [
        (factor, DurationChange(test_id=test.test_id, before_s=before, after_s=after))
        for factor, (_, test), before, after in changes
        if factor > log(noise) and abs(after - before) >= MIN_CHANGE_S
    ]
    return [change for _, change in sorted(told, key=lambda entry: -entry[0])]


def _measured(both: Iterable[tuple[TestReport, TestReport]]) -> Iterable[tuple[float, float]]:
    """Seconds before and after, of tests that passed at once in both runs and were timed."""
    for before, after in both:
        if before.outcome is TestOutcome.PASSED and after.outcome is TestOutcome.PASSED:
            seconds = (_seconds(before), _seconds(after))
            if min(seconds) > 0:
                yield seconds


def _seconds(test: TestReport) -> float:
    """Of the call, where it was stamped; waiting for a session, or for a script, says nothing about the server."""
    record = deciding_record(test)
    call_s = record.timing.call_s if record else None
    return test.duration_s if call_s is None else call_s


def _causes(before: RunReport, after: RunReport) -> tuple[tuple[RunCause, ...], tuple[RunCause, ...]]:
    known = [_names(cause) for cause in causes_of(before)]
    causes = causes_of(after)
    still = tuple(cause for cause in causes if any(_names(cause) & names for names in known))
    return tuple(cause for cause in causes if cause not in still), still


def _fixed(before: RunReport, after: RunReport) -> tuple[FixedCause, ...]:
    left = [_names(cause) for cause in causes_of(after)]
    return tuple(
        FixedCause(cause_id=cause.cause_id, targets=cause.targets, title=cause.title, tests=len(cause.tests))
        for cause in causes_of(before)
        if not any(_names(cause) & names for names in left)
    )


def _names(cause: RunCause) -> frozenset[tuple[str, str]]:
    """A cause of several servers goes on as long as one of them has it."""
    return frozenset((cause.key or cause.title, target) for target in cause.targets)


def _versions(before: Sequence[TestReport], after: Sequence[TestReport]) -> tuple[VersionChange, ...]:
    old, new = server_versions(before), server_versions(after)
    return tuple(
        VersionChange(target=target, before=old[target], after=version)
        for target, version in new.items()
        if target in old and old[target] != version
    )


def server_versions(tests: Iterable[TestReport]) -> dict[str, str]:
    """Target → the version that its server said; servers that never spoke are missing."""
    versions: dict[str, str] = {}
    for test in tests:
        record = deciding_record(test)
        if record and record.session and record.session.server_version:
            versions.setdefault(test.target, one_line(record.session.server_version, 100))
    return versions


def _first(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    return tuple(entries[:MAX_ENTRIES])


def _left_out(entries: Sequence[object]) -> int:
    return max(0, len(entries) - MAX_ENTRIES)
