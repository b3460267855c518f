"""A session: one connection to a server, initialised, its tools listed, ready for calls. Made by `opening.py`.

Each session has one owner task, which opens it, waits, and closes it: the SDK wants to be left where it was entered.
Every deadline is held here, outside the SDK: when one passes, the server is killed first and the SDK unwinds behind
our back. A call that timed out or was cancelled retires its session. The SDK's `ClientSession` is used directly; its
`Client` would add a response cache (never wanted here) and the negotiation of revisions that have no handshake. Nor is
its `call_tool` used, but the request below it: that one compares structuredContent with the tool's outputSchema on the
loop, where a hostile schema (a pattern that backtracks, references that multiply) would hold up every other test.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeVar
from uuid import uuid4

from pydantic import JsonValue

from harness.checks.answer import Answer
from harness.errors import CallTimeout, ProtocolFault, ServerFault, ServerUnavailable, SessionGone, SessionLost
from harness.mcp.asking import Asked, ask
from harness.mcp.findings import Findings
from harness.mcp.introduction import CLIENT, Introduction, introduce
from harness.mcp.meter import Meter
from harness.mcp.observation import Observation
from harness.mcp.sdk import ClientSession, MCPError, types
from harness.mcp.subjects import request
from harness.mcp.wire import Wire
from harness.models.attempt import SessionFacts, Usage
from harness.models.job import PlannedCall

LAST_WORDS_S = 0.15  # how long a failed call waits for the last stderr of its server, which is being killed
_LATE_S = 0.02  # a timer this late says that the loop stood still: the answer may be there already
_SECOND_CHANCE_S = 0.1
_END_WITHIN_S = 6.0
_FAREWELL_S = 3.0
_Fault = TypeVar("_Fault", bound=ServerFault)


class Session:
    """Made by `open_session`. Use it on one loop; calls may overlap."""

    def __init__(self, wire: Wire, findings: Findings, request_timeout_s: float | None = None) -> None:
        self.session_id = uuid4().hex[:12]
        self.opened: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.start_s = 0.0
        """How long it took to start the server and reach it."""
        self.initialize_s = 0.0
        """How long the handshake and the list of the tools took."""
        self._findings = findings
        self._wire = wire
        self._request_timeout_s = request_timeout_s or float("inf")
        self._meter = Meter(wire.process)
        self._client = ClientSession(self._wire.incoming, self._wire.outgoing, client_info=CLIENT)
        self._introduction = Introduction("", "", "", {}, None, {}, {})
        self._calls: set[Call] = set()
        self._position = 0
        self._retired = False
        self.prepared: set[str] = set()
        """Names of the fixtures that it was prepared with."""
        self.stored: dict[str, JsonValue] = {}
        """What their steps stored."""
        self._leaving: asyncio.Task[None] | None = None
        self.farewell: list[PlannedCall] = []
        """What is asked of the server before it is closed."""

    @property
    def alive(self) -> bool:
        """Whether it can be used for another call."""
        return self._wire.alive and not self._retired

    @property
    def facts(self) -> SessionFacts:
        """Which session this is, as an attempt reports it; `position` is that of the next call."""
        return SessionFacts(
            session_id=self.session_id,
            position=self._position,
            others_in_flight=len(self._calls),
            server_name=self._introduction.server_name,
            server_version=self._introduction.server_version,
            protocol_version=self._introduction.protocol_version,
        )

    @property
    def capabilities(self) -> Mapping[str, Any]:
        """What the server declared, as it sent it."""
        return self._introduction.capabilities

    @property
    def tools(self) -> frozenset[str] | None:
        """The names of its tools; None when it lists none, or not all of them."""
        return self._introduction.tools

    @property
    def pid(self) -> int:
        """Of the server process; 0 when it runs elsewhere."""
        return self._wire.process.pid

    async def call_tool(self, name: str, arguments: Mapping[str, JsonValue], *, timeout_s: float) -> Observation:
        """Call a tool; returns or raises within `timeout_s` and a quarter of a second.

        Raises CallTimeout (the server is killed), SessionLost, or ProtocolFault for an answer that is none;
        ValueError for arguments that are no JSON. When it is cancelled the server is killed, too.
        """
        request = types.CallToolRequest(params=types.CallToolRequestParams(name=name, arguments=dict(arguments)))
        observation = await self.exchange(request, types.CallToolResult, timeout_s)
        if name in self._introduction.output_schemas and _lacks_structure(observation.answer):
            self._findings.add("declares an outputSchema and returned no structuredContent", name)
        return observation

    def output_schema(self, tool: str) -> JsonValue:
        """What the server declares of the structured results of a tool; None when it declares nothing."""
        return self._introduction.output_schemas.get(tool)

    @property
    def introduced(self) -> Mapping[str, Any]:
        """The whole answer to initialize, as the server sent it."""
        return self._introduction.result

    def listening(self, method: str) -> "AbstractContextManager[asyncio.Queue[Mapping[str, Any]]]":
        """The params of the notifications of a method that come during the block, 1,000 at most."""
        return self._wire.exchanges.listening(method)

    async def exchange(self, request: Any, result: Any, timeout_s: float) -> Observation:
        """Make a request through the SDK; as `call_tool` does it. `result` is the type, or adapter, of its result."""
        if not self.alive:
            raise self._lost("the session had ended before the call", SessionGone)
        timeout_s = min(timeout_s, self._request_timeout_s)
        call = self._begin(request, result)
        try:
            await self._wait(call, timeout_s)
        except asyncio.CancelledError:
            self._abort(call)
            raise
        finally:
            self._calls.discard(call)
            self._meter.call_ended()
        if not call.task.done():
            self._abort(call)
            await self._wire.wait_ended(LAST_WORDS_S)
            if self._wire.fault:
                raise self.fault(ProtocolFault, self._wire.fault)
            raise self.fault(CallTimeout, f"no answer within {timeout_s:g} s")
        return self._conclude(call)

    def notes(self) -> tuple[str, ...]:
        """What was noted since the last call of this: noise on stdout, wrong ids, floods. Printable, bounded."""
        return self._findings.drain()

    def stderr_tail(self) -> str:
        """The last lines of the server's stderr, printable, bounded."""
        return self._wire.process.stderr_tail()

    def begin_usage(self) -> None:
        """What the server uses from now on belongs to another test."""
        self._meter.begin()

    async def measure(self) -> None:
        """Have it looked at now; before and after some calls, `usage` then tells exactly what they used."""
        await self._meter.measure()

    def usage(self) -> Usage | None:
        """What the server's process tree used since `begin_usage`, as far as it was seen; None for one elsewhere."""
        return self._meter.usage()

    def retire(self) -> None:
        """Close it politely in the background, after its farewell. `Launcher.drain` waits for its end."""
        if self._leaving is not None:
            return
        if self.farewell and self.alive:
            self._leaving = asyncio.ensure_future(self._say_farewell())
            return
        self._close()

    def _close(self) -> None:
        self._retired = True
        self._wire.close()

    def kill(self) -> None:
        """End the server and all it started, now; never waits."""
        self._retired = True
        self._wire.kill()

    async def close(self) -> None:
        """Close it politely and wait until the server and all it started are gone."""
        self.retire()
        await self._wire.wait_ended(_END_WITHIN_S)

    async def own(self, offered: str | None) -> None:
        """The owner task: open, wait for the end, leave. `opened` then holds why it could not be opened, or ""."""
        try:
            async with self._client:
                await self._introduce(offered)
                if not self.opened.result():
                    await self._wire.lost.wait()
        except Exception as problem:  # the edge of a task: the SDK's own faults end here, in groups of groups
            self._findings.add("its session broke down", repr(problem))
        finally:
            self._settle("its session broke down")
            self.retire()
            await self._wire.wait_ended(_END_WITHIN_S)

    async def _say_farewell(self) -> None:
        """Whatever comes of it: nobody is left to tell."""
        calls, self.farewell = self.farewell, []
        with contextlib.suppress(ServerFault, TimeoutError):
            async with asyncio.timeout(_FAREWELL_S):
                for call in calls:
                    await request(self, call, timeout_s=_FAREWELL_S)
        self._close()

    def fault(self, kind: type[_Fault], message: str) -> _Fault:
        """An error of `kind` that tells how the server ended and what it said last."""
        return kind(message, stderr_tail=self.stderr_tail(), exit_text=self._wire.process.exit_text)

    def unavailable(self, trouble: str) -> ServerFault:
        """Why it could not be opened, with all that could explain it."""
        ended = self._wire.process.exit
        how = f" ({ended.text})" if ended is not None and ended.ended_by != "kill" else ""
        if ended is None and self._wire.ending:
            trouble = self._wire.ending
        aside = "".join(f"; {note}" for note in self.notes()[:1])
        return self.fault(ServerUnavailable, f"the server cannot be used: {trouble}{how}{aside}")

    async def _introduce(self, offered: str | None) -> None:
        """Set `opened`. Inside the SDK's context no exception may pass: it would come out wrapped in groups."""
        try:
            self._introduction = await introduce(self._client, offered, self._findings)
        except ServerUnavailable as fault:
            self._settle(fault.message)
        else:
            self._settle("")

    def _begin(self, request: Any, result: Any) -> "Call":
        call = Call(self._client, request, result, self._position)
        self._position += 1
        self._calls.add(call)
        self._meter.call_began()
        for other in self._calls:
            other.others_in_flight = max(other.others_in_flight, len(self._calls) - 1)
        return call

    async def _wait(self, call: "Call", timeout_s: float) -> None:
        """Wait for the end of `call`, or until its time is over. A loop that stood still does not cost it its time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        await asyncio.wait([call.task], timeout=timeout_s)
        if not call.task.done() and loop.time() - deadline > _LATE_S:
            await asyncio.wait([call.task], timeout=_SECOND_CHANCE_S)

    def _abort(self, call: "Call") -> None:
        self.kill()
        call.task.cancel()

    def _conclude(self, call: "Call") -> Observation:
        asked = call.asked
        answer = asked.answer
        if asked.fault:
            raise self.fault(ProtocolFault, asked.fault)
        if answer is None and asked.problem is not None and not isinstance(asked.problem, MCPError):
            raise asked.problem  # the request never left: what the suite gave cannot be written as JSON
        if answer is None:
            raise self._lost(
                f"the {self._wire.noun} ended during the call", SessionGone if asked.unsent else SessionLost
            )
        if asked.refusal:
            revision = self._introduction.protocol_version
            raise self.fault(ProtocolFault, f"its result is not valid in revision {revision}: {asked.refusal}")
        return Observation(
            answer, asked.server_s, asked.our_delay_s, call.position, call.others_in_flight, asked.size_bytes
        )

    def _lost(self, message: str, kind: type[SessionLost] = SessionLost) -> ServerFault:
        if self._wire.fault:
            return self.fault(ProtocolFault, self._wire.fault)
        how = self._wire.ending
        return self.fault(kind, f"{message} ({how})" if how else message)

    def _settle(self, trouble: str) -> None:
        if not self.opened.done():
            self.opened.set_result(trouble)


def _lacks_structure(answer: Answer) -> bool:
    return answer.result is not None and not answer.is_error and "structuredContent" not in answer.result


class Call:
    """One request under way, in a task of its own."""

    def __init__(self, client: ClientSession, request: Any, result: Any, position: int) -> None:
        self.asked = Asked(request.method)
        self.position = position
        self.others_in_flight = 0
        self.task = asyncio.create_task(ask(client, request, result, self.asked))
