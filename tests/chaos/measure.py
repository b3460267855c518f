"""What a fault did, in figures from the store: what was lost, accepted twice, rejected, and how fast it came back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.evidence import StoredAttempt, read_store
from tests.chaos.scene import Mark, Scene

MS = 1000.0


@dataclass(frozen=True)
class Figures:
    """One row of the table. `recoveries_s` holds one value for each test whose lease was lost."""

    fault: str
    injections: int = 0
    exposed: int = 0
    lost: int = 0
    doubled: int = 0
    stale: int = 0
    recoveries_s: tuple[float, ...] = ()
    violations: tuple[str, ...] = field(default=())

    def plus(self, other: "Figures") -> "Figures":
        """Two rounds of one fault together."""
        return Figures(
            self.fault,
            self.injections + other.injections,
            self.exposed + other.exposed,
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.stale + other.stale,
            (*self.recoveries_s, *other.recoveries_s),
            (*self.violations, *other.violations),
        )

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.doubled or self.violations)

    def recovery_s(self, share: float) -> float | None:
        """The recovery time that this share of the tests did not exceed; None where nothing had to recover."""
        ordered = sorted(self.recoveries_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def measure(fault: str, scene: Scene, violations: Sequence[str]) -> Figures:
    """The figures of one round; `violations` are the checker's lines."""
    times: list[float] = []
    stale = 0
    for run in scene.runs:
        attempts = read_store(scene.farm.database_url, run.id, run.truth).attempts
        stale += sum(attempt.stale for of_test in attempts.values() for attempt in of_test)
        marks = (mark for mark in scene.marks if mark.run_id == run.id)
        times += recoveries(_first_marks(marks), attempts, scene.distorted)
    return Figures(
        fault,
        scene.injections,
        scene.exposed,
        _count(violations, "lost: "),
        _count(violations, "doubled: "),
        stale,
        tuple(times),
        tuple(violations),
    )


def _count(violations: Iterable[str], kind: str) -> int:
    """Of the main run and of the one beside it."""
    return sum(line.startswith(kind) or f": {kind}" in line for line in violations)


def _first_marks(marks: Iterable[Mark]) -> list[Mark]:
    """A lease that was in flight in several injections is counted from the first: the time shown is never too short."""
    return list({(mark.number, mark.lease): mark for mark in sorted(marks, key=lambda mark: -mark.at_ms)}.values())


def recoveries(
    marks: Iterable[Mark], attempts: Mapping[int, Sequence[StoredAttempt]], distorted: set[str]
) -> Iterable[float]:
    """From the fault to the start of the attempt under the next lease that ran, where the marked one was lost.

    That one may be lost, too: then it is a mark of its own.
    """
    for mark in marks:
        valid = [attempt for attempt in attempts.get(mark.number, ()) if not attempt.stale]
        if any(attempt.lease == mark.lease and attempt.is_conclusive for attempt in valid):
            continue
        later = [attempt for attempt in valid if attempt.lease > mark.lease and attempt.worker not in distorted]
        if later:
            yield max(0.0, (min(later, key=lambda attempt: attempt.lease).started_ms - mark.at_ms) / MS)
