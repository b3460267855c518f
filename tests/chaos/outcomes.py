"""I1, I2, I4 and I9: what became of each test, and whether its attempts say the same. A fold of our own.

For I9 the product's fold is called, too: that it gives one result for any order of the same records is a property of
that function, and nothing else can show it.
"""

import random
from collections.abc import Iterator, Sequence

from harness.models.attempt import AttemptRecord
from scheduler.state.fold import fold as product_fold
from tests.chaos.evidence import Evidence, StoredAttempt, StoredTest
from tests.chaos.planned import Planned
from tests.chaos.violations import Kind, Violation

FINAL_STATES = ("final", "cancelled")
STOPPED = ("skipped", "cancelled", "not_run")
"""Outcomes of tests that may have no attempt."""
OURS = ("infrastructure", "poison", "server unreachable")
"""Causes of an error for which no attempt of the test needs to speak."""
SHUFFLES = 5


def each_has_one_outcome(evidence: Evidence) -> Iterator[Violation]:
    """I1: every planned test is there once, is final, and ended as it must."""
    stored = evidence.by_id()
    for planned in evidence.truth.tests:
        rows = stored.pop(planned.test_id, [])
        if not rows:
            yield Violation(Kind.LOST, planned.test_id, "planned, and not in the store")
        if len(rows) > 1:
            yield Violation(Kind.DOUBLED, planned.test_id, f"{len(rows)} rows in the store")
        for row in rows:
            yield from _ended_as_planned(planned, row, evidence)
    for test_id in stored:
        yield Violation(Kind.DOUBLED, test_id, "in the store, and not planned")


def _ended_as_planned(planned: Planned, row: StoredTest, evidence: Evidence) -> Iterator[Violation]:
    if row.outcome is None or row.state not in FINAL_STATES:
        yield Violation(Kind.LOST, row.test_id, f"state {row.state}, outcome {row.outcome}")
    elif row.outcome not in planned.outcomes and not _failure_was_lost(planned, row, evidence):
        seen = f"{row.outcome} ({row.cause}), where only {' or '.join(planned.outcomes)} is true"
        yield Violation(Kind.MISCLASSIFIED, row.test_id, seen)


def _failure_was_lost(planned: Planned, row: StoredTest, evidence: Evidence) -> bool:
    """A flaky test whose failing call was answered, and whose record went down with its Redis or its worker."""
    if row.outcome != "passed" or "flaky" not in planned.outcomes or evidence.calls is None:
        return False
    recorded = [attempt for attempt in evidence.counting(row.number) if attempt.is_conclusive]
    return evidence.calls.get(planned.calls, 0) > len(recorded)


def attempts_keep_to_the_policy(evidence: Evidence) -> Iterator[Violation]:
    """I2: one accepted record for each lease, none after the test had passed, and no more than its policy allows."""
    stored = evidence.by_id()
    for planned in evidence.truth.tests:
        for row in stored.get(planned.test_id, []):
            yield from _accepted_once(row, evidence.attempts.get(row.number, ()))
            yield from _within_policy(planned, row, evidence.counting(row.number))
        yield from _calls_allowed(planned, evidence)


def _accepted_once(row: StoredTest, attempts: Sequence[StoredAttempt]) -> Iterator[Violation]:
    leases = [attempt.lease for attempt in attempts if not attempt.stale]
    for lease in sorted({lease for lease in leases if leases.count(lease) > 1}):
        yield Violation(Kind.DOUBLED, row.test_id, f"{leases.count(lease)} records accepted under lease {lease}")
    for lease in sorted({lease for lease in leases if lease > row.lease}):
        yield Violation(Kind.DOUBLED, row.test_id, f"accepted under lease {lease}, and the newest given is {row.lease}")


def _within_policy(planned: Planned, row: StoredTest, counting: Sequence[StoredAttempt]) -> Iterator[Violation]:
    conclusive = [attempt for attempt in counting if attempt.is_conclusive]
    if any(attempt.outcome == "passed" for attempt in conclusive[:-1]):
        yield Violation(Kind.DOUBLED, row.test_id, "a record was accepted after the test had passed")
    if len(conclusive) > planned.max_attempts:
        yield Violation(Kind.OVER_POLICY, row.test_id, f"{len(conclusive)} attempts, allowed {planned.max_attempts}")


def _calls_allowed(planned: Planned, evidence: Evidence) -> Iterator[Violation]:
    """`idempotent: false` was asked of the server once at most."""
    if evidence.calls is None or not planned.calls or planned.idempotent:
        return
    if (count := evidence.calls.get(planned.calls, 0)) > 1:
        yield Violation(Kind.OVER_POLICY, planned.test_id, f"called {count} times, and is not idempotent")


def a_loss_is_no_result(evidence: Evidence) -> Iterator[Violation]:
    """I4: what says pass or fail rests on a conclusive attempt that counts, and on a call that the server saw."""
    planned = {test.test_id: test for test in evidence.truth.tests}
    for row in evidence.tests:
        if row.outcome is None or row.outcome in STOPPED:
            continue
        conclusive = [attempt for attempt in evidence.counting(row.number) if attempt.is_conclusive]
        if not conclusive and not (row.outcome == "error" and row.cause in OURS):
            yield _without_attempt(row, evidence.attempts.get(row.number, ()))
        if row.test_id in planned:
            yield from _without_call(row, planned[row.test_id], evidence)


def _without_attempt(row: StoredTest, attempts: Sequence[StoredAttempt]) -> Violation:
    if any(attempt.superseded and attempt.is_conclusive for attempt in attempts):
        return Violation(Kind.SUPERSEDED_COUNTED, row.test_id, f"{row.outcome}, and all its records are superseded")
    losses = [str(attempt.outcome) for attempt in attempts]
    return Violation(Kind.MISCLASSIFIED, row.test_id, f"{row.outcome} ({row.cause}) from attempts {losses}")


def _without_call(row: StoredTest, planned: Planned, evidence: Evidence) -> Iterator[Violation]:
    if evidence.calls is None or not planned.calls or row.outcome not in ("passed", "flaky", "failed"):
        return
    needed = 2 if row.outcome == "flaky" else 1
    if (count := evidence.calls.get(planned.calls, 0)) < needed:
        yield Violation(Kind.MISCLASSIFIED, row.test_id, f"{row.outcome}, and its server saw {count} calls")


def any_order_folds_the_same(evidence: Evidence) -> Iterator[Violation]:
    """I9: the attempts fold to the stored outcome, by our fold and by the product's, in whatever order they came."""
    chance = random.Random(evidence.truth.seed)
    for row in evidence.tests:
        counting = evidence.counting(row.number)
        if not any(attempt.is_conclusive for attempt in counting) or row.outcome in (None, *STOPPED):
            continue
        folds = {our_fold(counting)} | {_shuffled_fold(counting, chance) for _ in range(SHUFFLES)}
        if folds != {row.outcome}:
            yield _fold_differs(row, folds, evidence.attempts[row.number])


def _fold_differs(row: StoredTest, folds: set[str], attempts: Sequence[StoredAttempt]) -> Violation:
    """A store whose outcome is right only if superseded records count is a case of its own."""
    with_superseded = our_fold([attempt for attempt in attempts if not attempt.stale])
    counted = with_superseded == row.outcome and with_superseded not in folds
    kind = Kind.SUPERSEDED_COUNTED if counted else Kind.FOLD_DIFFERS
    return Violation(kind, row.test_id, f"stored {row.outcome}, its attempts fold to {', '.join(sorted(folds))}")


def our_fold(attempts: Sequence[StoredAttempt]) -> str:
    """The outcome that conclusive attempts have, ordered by lease: the last one's, flaky where it follows a bad one."""
    outcomes = [attempt.outcome for attempt in sorted(attempts, key=_order) if attempt.is_conclusive]
    if outcomes[-1] == "passed" and any(outcome in ("failed", "error", "timeout") for outcome in outcomes[:-1]):
        return "flaky"
    return outcomes[-1] or "skipped"


def _shuffled_fold(attempts: Sequence[StoredAttempt], chance: random.Random) -> str:
    """The product's fold of the same records as they may have come; it is to be given them by lease."""
    shuffled = chance.sample(list(attempts), len(attempts))
    kept = sorted((attempt for attempt in shuffled if attempt.outcome != "aborted"), key=_order)
    return str(product_fold([AttemptRecord.model_validate(attempt.details) for attempt in kept]).outcome)


def _order(attempt: StoredAttempt) -> int:
    return attempt.lease
