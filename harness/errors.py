"""Every error that a person may read, as one tree.

FarmError                      exit code 4
├── UsageError                 2   wrong command line or configuration
│   ├── NothingSelected        2   the selection leaves no test
│   ├── RunMissing             2   no run has this id
│   └── NoSuchTest             2   no test of the run, or several, go by this name
├── SuiteErrors                2   one or more problems in suite files, each with its place
├── ServerFault                4   a server under test misbehaved: in a run an attempt's outcome, never an exit
│   ├── ServerUnavailable      3   it could not be started or did not initialise
│   │   └── InstallFailed      3   … because its package could not be installed
│   ├── SessionLost                its connection ended while it was needed
│   │   └── SessionGone            … before the request was written
│   ├── ProtocolFault              it sent what the protocol forbids or our bounds refuse
│   └── CallTimeout                no answer in time
├── SecretMissing              -   a secret that a suite names is not known to the worker: likewise
├── ScriptFault                -   a script of a suite could not be run, or did not say what it found: likewise
├── LauncherFailed             4   the process that starts servers is gone or cannot start one
├── NotKept                    -   evidence of a test could not be kept: its record goes without
├── BlobMissing                4   a file of a bundle is not in the artefact store
├── FarmUnreachable            4   the API, Redis or the database does not answer
└── FarmRefused                4   the API answered, and said no
"""

from dataclasses import dataclass
from typing import ClassVar

from harness.safe_text import one_line

MAX_PROBLEM = 8000


class FarmError(Exception):
    """Root of the tree. `exit_code` is what the command ends with when nobody handles it."""

    exit_code: ClassVar[int] = 4


class UsageError(FarmError):
    """Raised when the command line or the configuration cannot be obeyed."""

    exit_code = 2


class NothingSelected(UsageError):
    """Raised when the selection leaves no test to run."""


class RunMissing(UsageError):
    """Raised when no run of the store has the id that was asked for."""


class NoSuchTest(UsageError):
    """Raised when a run has no test of the name that was asked for, or several."""


@dataclass(frozen=True, order=True)
class Problem:
    """One problem of a suite file: where it is, what is wrong, how to mend it. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """One line that is safe to print, whatever the file is called."""
        text = f"{self.file}:{self.line}:{self.column}: {self.message}"
        return one_line(f"{text}; {self.hint}" if self.hint else text, MAX_PROBLEM)


class SuiteErrors(FarmError):
    """Raised when suite files cannot be accepted. `problems` holds all of them, in file order; the text shows 20."""

    exit_code = 2
    shown: ClassVar[int] = 20

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        lines = [str(problem) for problem in problems[: self.shown]]
        if len(problems) > self.shown:
            lines.append(f"and {len(problems) - self.shown} more")
        super().__init__("\n".join(lines))
        self.problems = problems


class ServerFault(FarmError):
    """Raised when a server under test misbehaves; the engine turns it into an outcome.

    `stderr_tail` holds the last lines that the server wrote, already bounded and safe to print.
    """

    def __init__(self, message: str, *, stderr_tail: str = "", exit_text: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.stderr_tail = stderr_tail
        self.exit_text = exit_text


class ServerUnavailable(ServerFault):
    """Raised when a server cannot be started, or does not complete initialisation."""

    exit_code = 3


class InstallFailed(ServerUnavailable):
    """Raised when the package that holds a server cannot be installed; `stderr_tail` is the installer's last words."""


class SessionLost(ServerFault):
    """Raised when the connection to a server ended while a test needed it."""


class SessionGone(SessionLost):
    """Raised when the connection had ended before the request was written."""


class ProtocolFault(ServerFault):
    """Raised when a server sends what the protocol forbids or what our bounds refuse."""


class CallTimeout(ServerFault):
    """Raised when a server does not answer within the time that the test allows."""


class SecretMissing(FarmError):
    """Raised when a suite names a secret that this process does not know; becomes an attempt's outcome."""


class ScriptFault(FarmError):
    """Raised when a script of a suite cannot be run, or does not say what it found; becomes an attempt's outcome."""


class LauncherFailed(FarmError):
    """Raised when the launcher does not do its work: a fault of this machine, not of a server."""


class NotKept(FarmError):
    """Raised when evidence cannot be kept: too much, or nobody takes it. The record is written without it."""


class BlobMissing(FarmError):
    """Raised when a digest is not in the artefact store."""


class FarmUnreachable(FarmError):
    """Raised when the API, Redis or the database does not answer."""


class FarmRefused(FarmError):
    """Raised when the API answers with a refusal; `status` is its HTTP code."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
