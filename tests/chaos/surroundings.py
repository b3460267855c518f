"""I5, I6, I7 and I10: the run's end, what is left, what leaks. The facts are handed in by whoever ran the farm."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence, Vitals
from tests.chaos.violations import Kind, Violation

POOLED = 1
MAX_GROWTH_MB = 10.0


def the_run_ends_in_time(evidence: Evidence) -> Iterator[Violation]:
    """I5: closed, and not later than its deadline and grace."""
    run, allowed_s = evidence.run, evidence.truth.deadline_s + evidence.truth.grace_s
    if run.state != "closed" or run.finished_ms is None:
        yield Violation(Kind.LATE_END, run.id, f"state {run.state}")
    elif (took_s := (run.finished_ms - run.created_ms) / 1000) > allowed_s:
        yield Violation(Kind.LATE_END, run.id, f"took {took_s:.1f} s, allowed are {allowed_s:g} s")


def nothing_is_left(evidence: Evidence) -> Iterator[Violation]:
    """I6: no process, directory, key or queue."""
    for thing in evidence.observed.left_over:
        yield Violation(Kind.LEFT_OVER, thing, "still there")


def no_secret_is_told(evidence: Evidence) -> Iterator[Violation]:
    """I7: neither the servers' canary nor a secret of the farm stands in any output, or in the stored attempts."""
    outputs = {**evidence.outputs, "attempts": _stored_text(evidence)}
    for number, secret in enumerate((evidence.truth.canary, *evidence.observed.secrets)):
        for name, content in outputs.items():
            if secret and secret in content:
                yield Violation(Kind.SECRET_LEAKED, name, f"secret number {number} ({len(secret)} characters)")


def _stored_text(evidence: Evidence) -> str:
    return "\n".join(str(attempt.details) for attempts in evidence.attempts.values() for attempt in attempts)


def workers_do_not_grow(evidence: Evidence) -> Iterator[Violation]:
    """I10: after ten idle seconds a worker has the memory (within 10 MB) and the descriptors that it had before:
    one more is the connection by which kombu put messages back, kept for the next time."""
    for vitals in evidence.observed.workers:
        yield from _growth(vitals)


def _growth(vitals: Vitals) -> Iterator[Violation]:
    grown_mb = vitals.rss_after_mb - vitals.rss_before_mb
    if grown_mb > MAX_GROWTH_MB:
        yield Violation(Kind.LEAK, vitals.worker, f"memory grew by {grown_mb:.1f} MB")
    if vitals.descriptors_after > vitals.descriptors_before + POOLED:
        seen = f"{vitals.descriptors_before} descriptors before, {vitals.descriptors_after} after"
        yield Violation(Kind.LEAK, vitals.worker, seen)
