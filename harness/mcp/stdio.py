"""Our stdio transport: lines to and from a kept server.

Writing never waits (the keeper queues), so nothing in the SDK can hang on a server that does not read.
"""

import asyncio

import anyio

from harness.containment.kept import Fault, KeptServer
from harness.mcp.exchanges import Exchanges
from harness.mcp.findings import Findings
from harness.mcp.sdk import SessionMessage, types
from harness.mcp.streams import Incoming, Outgoing

_LINES_PER_TURN = 64  # then other tasks of the loop run


class StdioWire:
    """The Wire of a server that reads its stdin."""

    noun = "server"

    def __init__(self, kept: KeptServer, findings: Findings) -> None:
        self.process = kept
        self.fault = ""
        self.lost = asyncio.Event()
        self.exchanges = Exchanges(
            findings, lambda exchange: kept.written_at(exchange.ticket), "wrote to stdout what is not JSON-RPC"
        )
        self.incoming = Incoming(self._receive)
        self.outgoing = Outgoing(self._send)
        self._lines = 0

    @property
    def alive(self) -> bool:
        """Whether messages can be sent."""
        return self.process.alive and not self.lost.is_set()

    @property
    def ending(self) -> str:
        """How it ended, as one phrase; empty while it lives."""
        return self.process.exit_text

    def close(self) -> None:
        """End the server politely; never waits."""
        self.process.close()

    def kill(self) -> None:
        """End the server now; never waits."""
        self.process.kill()

    async def wait_ended(self, timeout_s: float) -> bool:
        """Wait until nothing of it is left; False when that takes longer."""
        return await self.process.wait_ended(timeout_s)

    async def _send(self, message: types.JSONRPCMessage) -> None:
        if not self.process.alive:
            raise anyio.ClosedResourceError
        ticket = self.exchanges.register(message).ticket if isinstance(message, types.JSONRPCRequest) else 0
        line = message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
        self.process.send(line, ticket)

    async def _receive(self) -> SessionMessage | None:
        while (said := await self.process.receive()) is not None:
            self._lines += 1
            if self._lines % _LINES_PER_TURN == 0:
                await asyncio.sleep(0)
            if isinstance(said, Fault):
                self.fault = f"the server was ended: {said.message}"
            elif (message := self.exchanges.take(said.text, said.received_at)) is not None:
                return message
        self.exchanges.forget()
        self.lost.set()
        return None
