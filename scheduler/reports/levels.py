"""How much is told of the tests of a run: each level tells what the one before tells, and more. Pure."""

from enum import IntEnum

from harness.models.outcomes import BAD, TestOutcome


class Level(IntEnum):
    """What is told, during a run and at its end."""

    NONE = 0
    FAIL = 1  # what did not pass
    FLAKY = 2
    SLOW = 3  # and what took long, warned, or did not run
    PASS = 4


LEVELS = {level.name.lower(): level for level in Level}


def level_of(outcome: TestOutcome | None) -> Level:
    """From which level on a test that ended so is told while a run goes on."""
    if outcome in BAD:
        return Level.FAIL
    return Level.FLAKY if outcome is TestOutcome.FLAKY else Level.PASS
