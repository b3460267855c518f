"""An attempt's record while it is being made: collects what is learnt, and says what each fault means.

Everything that a server said is made printable and cut here, on its way in.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from harness.errors import (
    BlobMissing,
    CallTimeout,
    FarmError,
    FarmUnreachable,
    InstallFailed,
    ProtocolFault,
    ScriptFault,
    SecretMissing,
    ServerFault,
    ServerUnavailable,
    SessionLost,
)
from harness.leasing import LeasedSession
from harness.models.attempt import AttemptRecord, Cause, CheckFailure, Samples, SessionFacts, Timing, Usage
from harness.models.job import PlannedTest
from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.pulse import Pulse
from harness.record import bound_record, clip_json
from harness.safe_text import one_line, safe_text
from harness.trace import Trace

QUIET_GAP_S = 0.05
MAX_CAUSE_CHARS = 600
MAX_STDERR_CHARS = 3_000
MAX_NOTES = 10
MAX_WARNINGS = 10

FAULTS: dict[type[Exception], tuple[AttemptOutcome, CauseKind]] = {
    CallTimeout: (AttemptOutcome.TIMEOUT, CauseKind.TIME_LIMIT),
    InstallFailed: (AttemptOutcome.ERROR, CauseKind.INSTALL_FAILED),
    ServerUnavailable: (AttemptOutcome.ERROR, CauseKind.SERVER_UNAVAILABLE),
    SessionLost: (AttemptOutcome.ERROR, CauseKind.SERVER_DIED),
    ProtocolFault: (AttemptOutcome.ERROR, CauseKind.PROTOCOL),
    SecretMissing: (AttemptOutcome.ERROR, CauseKind.SETUP),
    ScriptFault: (AttemptOutcome.ERROR, CauseKind.SCRIPT),
    BlobMissing: (AttemptOutcome.LOST, CauseKind.INFRASTRUCTURE),
    FarmUnreachable: (AttemptOutcome.LOST, CauseKind.INFRASTRUCTURE),
    FarmError: (AttemptOutcome.LOST, CauseKind.INFRASTRUCTURE),
    Exception: (AttemptOutcome.ERROR, CauseKind.HARNESS),
}
"""What a fault means, most special first."""


SNAPSHOT = "snapshot"
"""Kind of a file that an attempt made."""


@dataclass(frozen=True)
class MadeFile:
    """A file that an attempt made and that is to be kept: `path` is relative to the suite's folder."""

    kind: str
    path: str
    content: bytes


@dataclass
class Draft:
    """Mutable, for one attempt, on one loop."""

    run_id: str
    lease: int
    worker: str
    test: PlannedTest
    pulse: Pulse | None = None
    outcome: AttemptOutcome | None = None
    cause: Cause | None = None
    failures: tuple[CheckFailure, ...] = ()
    facts: SessionFacts | None = None
    wait_s: float = 0.0
    start_s: float = 0.0
    initialize_s: float = 0.0
    call_s: float | None = None
    checks_s: float = 0.0
    stderr_tail: str = ""
    stderr_of: Callable[[], str] | None = None
    usage: Usage | None = None
    usage_of: Callable[[], Usage | None] | None = None
    answer: object = None
    confirmed: bool = False
    called_at: float | None = None
    request_written: bool = False
    loop_gap_s: float = 0.0
    others_in_flight: int = 0
    warnings: list[CheckFailure] = field(default_factory=list)
    samples: Samples | None = None
    trace: Trace = field(default_factory=Trace)
    script_output: dict[str, str] = field(default_factory=dict)
    files: list[MadeFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sessions_started: list[str] = field(default_factory=list)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    begun: float = field(default_factory=time.monotonic)

    def conclude(self, outcome: AttemptOutcome | None, kind: CauseKind | None = None, message: str = "") -> None:
        """Set the verdict."""
        self.outcome = outcome
        self.cause = Cause(kind=kind, message=one_line(message, MAX_CAUSE_CHARS)) if kind else None

    def blame(self, fault: Exception) -> None:
        """Conclude that `fault` ended the attempt."""
        outcome, kind = next(meaning for known, meaning in FAULTS.items() if isinstance(fault, known))
        message = str(fault) if isinstance(fault, FarmError) else f"{type(fault).__name__}: {fault}"
        if isinstance(fault, ServerFault):
            if isinstance(fault, ServerUnavailable) and fault.exit_text not in message:
                message = f"{message} ({fault.exit_text})"
            self.stderr_tail = fault.stderr_tail
        self.conclude(outcome, kind, message)

    def note(self, text: str) -> None:
        """Keep a finding that does not decide."""
        if len(self.notes) < MAX_NOTES:
            self.notes.append(one_line(text, 300))

    def warn(self, failure: CheckFailure) -> None:
        """Keep a check that did not hold and does not decide."""
        if len(self.warnings) < MAX_WARNINGS and failure not in self.warnings:
            self.warnings.append(failure)

    def keep(self, made: MadeFile) -> None:
        """Keep a file that came of it, the first under its path."""
        if made.path not in {file.path for file in self.files}:
            self.files.append(made)

    def note_session(self, leased: LeasedSession) -> None:
        """A session was leased, after some waiting."""
        self.wait_s += leased.wait_s
        self.facts = leased.session.facts
        self.stderr_of = leased.session.stderr_tail
        self.usage_of = leased.session.usage
        leased.session.begin_usage()
        if leased.started_for_us:
            self.sessions_started.append(leased.session.session_id)
            self.start_s += leased.session.start_s
            self.initialize_s += leased.session.initialize_s

    def begin_call(self) -> None:
        """The request goes out now. Whatever happens from here on, the server may have seen it."""
        self.called_at = time.monotonic()
        self.request_written = True

    def end_call(self) -> None:
        """The call is over, with or without an answer."""
        if self.pulse is not None and self.called_at is not None:
            self.loop_gap_s = max(self.loop_gap_s, self.pulse.longest_gap_s(self.called_at))
        if self.usage_of is not None:
            self.usage = self.usage_of()

    def observe(self, call_s: float | None, our_delay_s: float, others_in_flight: int) -> None:
        """An answer came. `our_delay_s` is what the keeper's stamps say of our own loop."""
        self.call_s = call_s
        self.loop_gap_s = our_delay_s
        self.others_in_flight = others_in_flight

    @property
    def is_quiet(self) -> bool:
        """Fit for baselines: nothing else in flight on the session, and our loop did not stand still."""
        return self.call_s is not None and not self.others_in_flight and self.loop_gap_s < QUIET_GAP_S

    def record(self) -> AttemptRecord:
        """The record, with the end set to now, cut to what may travel."""
        took_s = time.monotonic() - self.begun
        record = AttemptRecord(
            run_id=self.run_id,
            number=self.test.number,
            test_id=self.test.test_id,
            lease=self.lease,
            worker=self.worker,
            outcome=self.outcome,
            cause=self.cause,
            failures=self.failures,
            started_at=self.started_at,
            ended_at=datetime.now(UTC),
            timing=self._timing(took_s),
            usage=self.usage,
            session=self._session(),
            sessions_started=tuple(self.sessions_started),
            quiet=self.is_quiet,
            request_written=self.request_written,
            stderr_tail="" if self.outcome is AttemptOutcome.PASSED else self.stderr(),
            notes=tuple(self.notes),
            warnings=tuple(self.warnings),
            samples=self.samples,
            answer=None if self.answer is None else clip_json(self.answer),
        )
        return record if self.outcome is AttemptOutcome.PASSED else bound_record(record)

    def _timing(self, took_s: float) -> Timing:
        return Timing(
            total_s=took_s,
            call_s=self.call_s,
            checks_s=self.checks_s,
            session_wait_s=self.wait_s,
            start_s=self.start_s,
            initialize_s=self.initialize_s,
            loop_gap_s=self.loop_gap_s,
        )

    def _session(self) -> SessionFacts | None:
        if self.facts is None or not (self.confirmed or self.others_in_flight):
            return self.facts
        changes = {"confirmed": self.confirmed, "others_in_flight": self.others_in_flight}
        return self.facts.model_copy(update=changes)

    def stderr(self) -> str:
        """What the server said last on stderr."""
        tail = self.stderr_tail or (self.stderr_of() if self.stderr_of else "")
        return safe_text(tail[-MAX_STDERR_CHARS:], MAX_STDERR_CHARS)
