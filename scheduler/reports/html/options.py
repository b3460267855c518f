"""What the HTML report may hold beyond the run itself, and how much of it. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.models.evidence import Evidence
from harness.models.looking_back import PastTest
from harness.models.run import TestReport

MIB = 1024 * 1024
DEFAULT_MAX_MIB, MOST_MAX_MIB = 10, 1024


class Detail(StrEnum):
    """Of which tests more is kept than their row in the list."""

    FAILURES = "failures"  # what did not pass, flaky, warned and slow ones, and one that passed of each tool
    ALL = "all"
    ROWS = "rows"  # of none


def no_evidence(digest: str) -> Evidence | None:
    """None is kept."""
    return None


def no_history(test: TestReport) -> Sequence[PastTest]:
    """None is known."""
    return ()


@dataclass(frozen=True)
class HtmlOptions:
    """`evidence`: by the digest that a record names. `history`: earlier runs of a test, the newest first."""

    evidence: Callable[[str], Evidence | None] = no_evidence
    history: Callable[[TestReport], Sequence[PastTest]] = no_history
    detail: Detail = Detail.FAILURES
    max_bytes: int = DEFAULT_MAX_MIB * MIB
