"""One attempt, judged: what each kind of answer and each kind of fault becomes."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harness.checks.answer import Answer, RpcError
from harness.engine import run_test
from harness.errors import (
    BlobMissing,
    CallTimeout,
    FarmUnreachable,
    ProtocolFault,
    ServerUnavailable,
    SessionLost,
)
from harness.leasing import AttemptContext, Deadline, LeasedSession
from harness.mcp.sandbox import Sandbox
from harness.mcp.session import Observation
from harness.models.attempt import AttemptRecord, CheckFailure, SessionFacts, Usage
from harness.models.expected import Expected, FieldExpectation
from harness.models.job import PlannedTest, SuitePlan, TestKind
from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.models.server import Server
from harness.models.suite import Capabilities
from harness.pulse import Pulse

USAGE = Usage(memory_peak_bytes=75_000_000, processes=1)
HELLO = {"content": [{"type": "text", "text": "hello"}]}


@dataclass
class FakeSession:
    """Answers what it was told to; remembers what it was asked."""

    answers: list[Mapping[str, Any] | RpcError | BaseException]
    session_id: str = "s1"
    tools: frozenset[str] | None = frozenset({"echo"})
    capabilities: Mapping[str, Any] = field(default_factory=lambda: {"tools": {}})
    findings: tuple[str, ...] = ()
    stderr: str = ""
    our_delay_s: float = 0.001
    start_s: float = 0.125
    initialize_s: float = 0.0625
    usages: list[Usage] = field(default_factory=list)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    on_call: Callable[[], None] = lambda: None
    stored: dict[str, Any] = field(default_factory=dict)
    prepared: set[str] = field(default_factory=set)

    @property
    def facts(self) -> SessionFacts:
        return SessionFacts(session_id=self.session_id, position=len(self.asked))

    async def call_tool(self, name: str, arguments: Mapping[str, Any], *, timeout_s: float) -> Observation:
        position = len(self.asked)
        self.asked.append((name, dict(arguments)))
        self.on_call()
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        told = Answer(error=answer) if isinstance(answer, RpcError) else Answer(result=answer)
        return Observation(told, 0.004, self.our_delay_s, position, 0, 100)

    def output_schema(self, tool: str) -> None:
        return None

    def notes(self) -> tuple[str, ...]:
        found, self.findings = self.findings, ()
        return found

    def stderr_tail(self) -> str:
        return self.stderr

    def begin_usage(self) -> None:
        self.usages = [USAGE]

    def usage(self) -> Usage | None:
        return self.usages.pop(0)


@dataclass
class FakeSource:
    """Leases the sessions that it was given, and remembers how their leases ended."""

    warm: FakeSession | Exception
    fresh: FakeSession | Exception | None = None
    left_by: list[type[BaseException] | None] = field(default_factory=list)

    def lease(self, test: PlannedTest, plan: SuitePlan, context: AttemptContext) -> Any:
        return self._lease(self.warm, started=False)

    def lease_fresh(self, test: PlannedTest, plan: SuitePlan, context: AttemptContext) -> Any:
        return self._lease(self.fresh, started=True)

    @asynccontextmanager
    async def _lease(self, session: FakeSession | Exception | None, *, started: bool) -> Any:
        if not isinstance(session, FakeSession):
            raise session or AssertionError("no fresh session was expected")
        try:
            yield LeasedSession(session, Sandbox(Path("/sandboxes/1")), 0.25, started)  # type: ignore[arg-type]
        except BaseException as exc:
            self.left_by.append(type(exc))
            raise
        self.left_by.append(None)


def test_an_answer_as_expected_passes() -> None:
    session = FakeSession([HELLO], stderr="chatter")

    record = _run(FakeSource(session), _test(expected=_text("hello")))

    assert record.outcome is AttemptOutcome.PASSED
    assert (record.cause, record.failures, record.answer, record.stderr_tail) == (None, (), None, "")
    assert record.session == SessionFacts(session_id="s1", position=0)
    assert record.timing.call_s == 0.004 and record.timing.session_wait_s == 0.25
    assert 0 < record.timing.checks_s < record.timing.total_s
    assert (record.timing.start_s, record.timing.initialize_s) == (0, 0), "it was warm"
    assert record.usage == USAGE
    assert (record.run_id, record.number, record.lease, record.worker) == ("r1", 7, 3, "w1")


def test_a_check_that_does_not_hold_fails_and_shows_the_answer() -> None:
    record = _run(FakeSource(FakeSession([HELLO], stderr="a warning")), _test(expected=_text("bye")))

    assert (record.outcome, record.cause and record.cause.kind) == (AttemptOutcome.FAILED, CauseKind.CHECK)
    assert [(failure.check, failure.path) for failure in record.failures] == [("value", "$[0].text")]
    assert "bye" in str(record.cause) and "hello" in str(record.cause)
    assert (record.answer, record.stderr_tail) == (HELLO, "a warning")


def test_an_error_that_nobody_expected_is_named_as_one() -> None:
    record = _run(FakeSource(FakeSession([RpcError(-32602, "no such city")])))

    assert (record.outcome, record.cause and record.cause.kind) == (AttemptOutcome.FAILED, CauseKind.UNEXPECTED_ERROR)
    assert "no such city" in str(record.cause)
    assert record.answer == {"error": {"code": -32602, "message": "no such city", "data": None}}


def test_an_expected_error_passes_whichever_way_it_comes() -> None:
    for answer in (RpcError(-32602, "refused"), {"content": [], "isError": True}):
        assert _run(FakeSource(FakeSession([answer])), _test(expected=Expected(error=True))).outcome == "passed"


def test_a_tool_that_is_not_listed_is_never_called() -> None:
    session = FakeSession([], tools=frozenset({"add", "echo"}))

    record = _run(FakeSource(session), _test(tool="ecco", expected=Expected(error=True)))

    assert (record.outcome, record.cause and record.cause.kind) == (AttemptOutcome.ERROR, CauseKind.NO_SUCH_TOOL)
    assert "'ecco'" in str(record.cause) and "add, echo" in str(record.cause)
    assert session.asked == []


def test_a_server_that_lists_no_tools_is_asked_all_the_same() -> None:
    assert _run(FakeSource(FakeSession([HELLO], tools=None))).outcome is AttemptOutcome.PASSED


@pytest.mark.parametrize(
    ("fault", "outcome", "kind"),
    [
        (CallTimeout("no answer within 1 s"), AttemptOutcome.TIMEOUT, CauseKind.TIME_LIMIT),
        (ProtocolFault("its answer is not valid"), AttemptOutcome.ERROR, CauseKind.PROTOCOL),
        (ServerUnavailable("no such program"), AttemptOutcome.ERROR, CauseKind.SERVER_UNAVAILABLE),
        (BlobMissing("no blob"), AttemptOutcome.LOST, CauseKind.INFRASTRUCTURE),
        (FarmUnreachable("no API"), AttemptOutcome.LOST, CauseKind.INFRASTRUCTURE),
        (ZeroDivisionError("ours"), AttemptOutcome.ERROR, CauseKind.HARNESS),
    ],
)
def test_each_fault_has_its_meaning(fault: Exception, outcome: AttemptOutcome, kind: CauseKind) -> None:
    for source in (FakeSource(FakeSession([fault])), FakeSource(fault)):
        record = _run(source)

        assert (record.outcome, record.cause and record.cause.kind) == (outcome, kind)
        assert str(fault) in str(record.cause)


def test_a_session_that_fails_is_left_by_the_exception_so_that_nobody_uses_it_again() -> None:
    source = FakeSource(FakeSession([CallTimeout("late")]))

    _run(source)

    assert source.left_by == [CallTimeout]


def test_a_session_that_dies_is_confirmed_on_a_fresh_one() -> None:
    first, second = FakeSession([SessionLost("ended (exit code 3)")]), FakeSession([HELLO], session_id="s2")

    record = _run(FakeSource(first, second), _test(expected=_text("hello")))

    assert record.outcome is AttemptOutcome.PASSED
    assert record.session == SessionFacts(session_id="s2", position=0, confirmed=True)
    assert record.sessions_started == ("s2",)
    assert "exit code 3" in record.notes[0]
    assert record.timing.session_wait_s == 0.5
    assert (record.timing.start_s, record.timing.initialize_s) == (0.125, 0.0625)


def test_a_test_that_kills_both_sessions_is_blamed_with_the_servers_last_words() -> None:
    lost = SessionLost("the server ended during the call (exit code 3)", stderr_tail="about to die\n")

    record = _run(FakeSource(FakeSession([lost]), FakeSession([lost])))

    assert (record.outcome, record.cause and record.cause.kind) == (AttemptOutcome.ERROR, CauseKind.SERVER_DIED)
    assert "exit code 3" in str(record.cause)
    assert record.stderr_tail == "about to die\n"
    assert record.session is not None and record.session.confirmed


def test_the_sandbox_is_named_in_the_input() -> None:
    session = FakeSession([HELLO])

    _run(FakeSource(session), _test(input={"path": "${sandbox}/x", "deep": [{"p": "${sandbox}"}], "n": 1}))

    assert session.asked == [
        ("echo", {"path": "/sandboxes/1/sandbox/x", "deep": [{"p": "/sandboxes/1/sandbox"}], "n": 1})
    ]


def test_the_sandbox_is_named_in_what_is_expected() -> None:
    answer = {"content": [{"type": "text", "text": "/sandboxes/1/sandbox/x"}]}
    expected = Expected(fields=(FieldExpectation(path="$[0].text", value="${sandbox}/x"),))

    record = _run(FakeSource(FakeSession([answer])), _test(expected=expected))

    assert record.outcome is AttemptOutcome.PASSED


def test_findings_are_kept_beside_the_verdict_and_made_printable() -> None:
    record = _run(FakeSource(FakeSession([HELLO], findings=("noise: \x1b[31mred",))))

    assert record.outcome is AttemptOutcome.PASSED
    assert record.notes == ("noise: \\x1b[31mred",)


def test_what_a_server_says_is_made_printable() -> None:
    answer = {"content": [{"type": "text", "text": "\x1b]0;title\x07 \u202e"}]}

    record = _run(FakeSource(FakeSession([answer], stderr="\x1b[2J")), _test(expected=_text("x")))

    assert isinstance(record.answer, dict)
    texts = [str(record.cause), record.stderr_tail, record.failures[0].actual, record.answer["content"][0]["text"]]
    assert all(text and text.isprintable() for text in texts)


def test_a_huge_answer_is_judged_and_its_record_stays_small() -> None:
    answer = {"content": [{"type": "text", "text": "x" * 3_000_000}], "more": {str(n): "y" * 500 for n in range(900)}}

    fields = tuple(FieldExpectation(path=f"$.more['{n}']", value="z" * 500) for n in range(200))

    record = _run(FakeSource(FakeSession([answer])), _test(expected=Expected(fields=fields)))

    assert record.outcome is AttemptOutcome.FAILED and record.failures
    assert len(record.model_dump_json()) <= 16 * 1024


def test_judging_that_costs_too_much_is_an_error_of_its_own() -> None:
    expected = Expected(fields=(FieldExpectation(path="$..nowhere", value=1),))

    record = _run(FakeSource(FakeSession([{"content": [], "list": [[]] * 1_500_000}])), _test(expected=expected))

    assert (record.outcome, record.cause and record.cause.kind) == (AttemptOutcome.ERROR, CauseKind.JUDGING)


def test_only_a_call_that_nothing_disturbed_is_quiet() -> None:
    assert _run(FakeSource(FakeSession([HELLO]))).quiet
    assert not _run(FakeSource(FakeSession([HELLO], our_delay_s=0.06))).quiet
    assert not _run(FakeSource(FakeSession([CallTimeout("late")]))).quiet


def test_a_loop_that_stood_still_during_the_call_is_told() -> None:
    record = _run(FakeSource(FakeSession([HELLO], on_call=lambda: _block(0.12))))

    assert record.timing.loop_gap_s > 0.05 and not record.quiet


def test_declared_capabilities_are_compared() -> None:
    test = _test(kind=TestKind.CAPABILITIES)
    session = FakeSession([], capabilities={"tools": {}})

    assert _run(FakeSource(session), test, capabilities=Capabilities(tools=True)).outcome is AttemptOutcome.PASSED
    record = _run(FakeSource(session), test, capabilities=Capabilities(tools=True, prompts=True))

    assert record.outcome is AttemptOutcome.FAILED
    assert record.failures == (
        CheckFailure(check="capabilities", path="prompts", expected="offered", actual="not offered"),
    )
    assert record.answer == {"tools": {}}


def test_what_cannot_be_run_yet_says_so() -> None:
    record = _run(FakeSource(FakeSession([])), _test(kind=TestKind.UNSUPPORTED))

    assert (record.outcome, record.cause and record.cause.kind) == (AttemptOutcome.ERROR, CauseKind.UNSUPPORTED)


def test_cancelling_leaves_the_session_and_goes_through() -> None:
    async def cancel() -> None:
        source = FakeSource(FakeSession([asyncio.CancelledError()]))
        with pytest.raises(asyncio.CancelledError):
            await run_test(_test(), _plan(), source, _context())
        assert source.left_by == [asyncio.CancelledError]

    asyncio.run(cancel())


def test_the_deadline_stands_while_the_call_is_under_way() -> None:
    deadline = Deadline()
    seen: list[float | None] = []
    session = FakeSession([HELLO], on_call=lambda: seen.append(deadline.at))

    asyncio.run(run_test(_test(), _plan(), FakeSource(session), _context(deadline)))

    assert seen[0] is not None and seen[0] > time.monotonic() and deadline.at is None


def _run(source: FakeSource, test: PlannedTest | None = None, **plan: Any) -> AttemptRecord:
    async def run() -> AttemptRecord:
        context = _context()
        context.pulse.start()
        try:
            return await run_test(test or _test(), _plan(**plan), source, context)
        finally:
            context.pulse.stop()

    return asyncio.run(run())


def _context(deadline: Deadline | None = None) -> AttemptContext:
    return AttemptContext("r1", 3, "w1", "digest", "token", Pulse(), deadline or Deadline())


def _test(**changes: Any) -> PlannedTest:
    given = {"number": 7, "test_id": "p/s/t/echo/one", "kind": TestKind.TOOL, "tool": "echo", "name": "one"}
    return PlannedTest(**{**given, **changes})


def _plan(**changes: Any) -> SuitePlan:
    head = {"project": "p", "suite": "s", "target": "t", "file": "s.yaml", "server": Server(command="x"), "tests": ()}
    return SuitePlan(**{**head, **changes})


def _text(value: str) -> Expected:
    return Expected(fields=(FieldExpectation(path="$[0].text", value=value),))


def _block(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
