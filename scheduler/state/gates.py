"""Suites that wait for other suites: when one may go on, and when it never will. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Gate(StrEnum):
    """What is known of a suite that waits."""

    SHUT = "shut"  # what it waits for has not ended
    OPEN = "open"  # all of that has passed
    BARRED = "barred"  # some of it has not


@dataclass(frozen=True, slots=True)
class Needed:
    """A suite that another one waits for."""

    has_ended: bool
    has_passed: bool


def gate_of(needed: Sequence[Needed]) -> Gate:
    """Whether a suite that needs these may go on. One that did not pass is enough to know that it never will."""
    if any(suite.has_ended and not suite.has_passed for suite in needed):
        return Gate.BARRED
    return Gate.OPEN if all(suite.has_ended for suite in needed) else Gate.SHUT
