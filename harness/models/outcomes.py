"""The closed sets of words for what became of a test, and what each counts as: nowhere else are they sorted."""

from enum import StrEnum


class AttemptOutcome(StrEnum):
    """What became of one execution of one test."""

    PASSED = "passed"
    FAILED = "failed"  # a check did not hold
    ERROR = "error"  # could not be carried out
    TIMEOUT = "timeout"
    ABORTED = "aborted"  # cancelled
    LOST = "lost"  # infrastructure


class TestOutcome(StrEnum):
    """What became of a test: the fold of its attempts."""

    __test__ = False

    PASSED = "passed"
    FLAKY = "flaky"  # passed on a retry
    FAILED = "failed"
    ERROR = "error"
    TIMEOUT = "timeout"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    NOT_RUN = "not_run"


class CauseKind(StrEnum):
    """Why an attempt did not pass, or was never made: the word before the colon in every report."""

    CHECK = "check"  # a check did not hold
    UNEXPECTED_ERROR = "unexpected error"  # the server answered with an error that the test did not expect
    NO_SUCH_TOOL = "no such tool"
    SERVER_UNAVAILABLE = "server unavailable"  # could not be started, or did not initialise
    INSTALL_FAILED = "install failed"  # the package that holds the server
    SERVER_DIED = "server died"
    PROTOCOL = "protocol fault"
    TIME_LIMIT = "time limit"
    JUDGING = "judging too slow"  # a check exceeded its own time bound
    DEPENDENCY = "dependency"  # a test that this one depends on did not pass
    CONDITION = "condition"  # the suite says that it does not run where its server is like this
    SETUP = "set-up"  # a step before the test did not do what it should
    SCRIPT = "script"  # could not be run, or did not say what it found
    UNSUPPORTED = "not yet supported"
    CANCELLED = "cancelled"
    INFRASTRUCTURE = "infrastructure"  # ours, not the server's
    WORKER_LOST = "worker lost"  # it died, or fell silent, with this test in its hands
    HANDED_BACK = "handed back"  # its worker was told to stop
    POISON = "poison"  # it took down every worker that tried it
    SERVER_UNREACHABLE = "server unreachable"  # not tried: others of its target showed that it does not start
    NO_WORKER = "no worker"  # none offers what its target requires
    HARNESS = "harness"  # a fault of this program


FAILED_STARTS = frozenset({CauseKind.SERVER_UNAVAILABLE, CauseKind.INSTALL_FAILED})
"""The server of the test was to be started, and could not be."""
NO_SERVER_CAUSES = FAILED_STARTS | {CauseKind.SERVER_UNREACHABLE, CauseKind.NO_WORKER}
"""The server of the test did not run."""

BAD_ATTEMPTS = frozenset({AttemptOutcome.FAILED, AttemptOutcome.ERROR, AttemptOutcome.TIMEOUT})
"""Speak against the test: passing after one of these is flaky."""
INCONCLUSIVE = frozenset({AttemptOutcome.ABORTED, AttemptOutcome.LOST})
"""Say nothing about the test."""

GOOD = frozenset({TestOutcome.PASSED, TestOutcome.FLAKY})
BROKEN = frozenset({TestOutcome.ERROR, TestOutcome.TIMEOUT})
"""Did not get as far as a verdict on the server's answer."""
BAD = BROKEN | {TestOutcome.FAILED}
"""Make a run fail."""
EXECUTED = GOOD | BAD
"""Were carried out, or at least tried."""
STOPPED = frozenset({TestOutcome.CANCELLED, TestOutcome.NOT_RUN})
"""Were cancelled, or never started because the run ended before."""
LEFT_OUT = frozenset({TestOutcome.SKIPPED})
