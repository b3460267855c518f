"""The words for what the checking program may find. Holds no rule."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Which promise was broken."""

    LOST = "lost"  # a planned test has no final outcome
    DOUBLED = "doubled"  # accepted twice
    OVER_POLICY = "over policy"  # more attempts, or more calls, than its policy allows
    MISCLASSIFIED = "misclassified"  # an outcome that the test cannot have
    SUPERSEDED_COUNTED = "superseded but counted"
    TOTALS_DIFFER = "totals differ"
    LATE_END = "late end"
    LEFT_OVER = "left over"
    SECRET_LEAKED = "secret leaked"
    SECOND_RUN_AFFECTED = "second run affected"
    FOLD_DIFFERS = "fold differs"
    LEAK = "leak"  # of memory or descriptors


@dataclass(frozen=True)
class Violation:
    """One broken promise: which, where, and what was seen."""

    kind: Kind
    where: str
    seen: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.seen}"
