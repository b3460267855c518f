"""What a session needs of a transport, and of the process of its server, whichever they are."""

import asyncio
from typing import Protocol

from harness.containment.ending import ServerExit
from harness.containment.usage import Sample
from harness.mcp.exchanges import Exchanges
from harness.mcp.streams import Incoming, Outgoing


class Process(Protocol):
    """The server's process: one that we keep, or one elsewhere of which nothing is known."""

    @property
    def pid(self) -> int:
        """0 when it is not here."""

    @property
    def sample(self) -> Sample | None:
        """What it used when that was looked at last."""

    @property
    def alive(self) -> bool:
        """Whether its end has been neither reported nor asked for."""

    @property
    def exit(self) -> ServerExit | None:
        """How it ended; None while it lives."""

    @property
    def exit_text(self) -> str:
        """The same as one phrase; empty while it lives."""

    def stderr_tail(self) -> str:
        """Its last words, bounded and printable."""

    def look(self) -> "asyncio.Future[Sample | None] | None":
        """Have what it uses looked at, now. None when that cannot be."""


class Wire(Protocol):
    """A connection that carries messages both ways, and ends."""

    @property
    def process(self) -> Process:
        """Of its server."""

    noun: str
    """What is said to have ended when it is lost."""
    exchanges: Exchanges
    incoming: Incoming
    outgoing: Outgoing
    lost: asyncio.Event
    """Set when nothing will come any more."""
    fault: str
    """The bound that ended it, as a sentence; empty when none did."""

    @property
    def alive(self) -> bool:
        """Whether messages can be sent."""

    @property
    def ending(self) -> str:
        """How it ended, as one phrase; empty while it lives, or when nobody knows."""

    def close(self) -> None:
        """End it politely in the background; never waits."""

    def kill(self) -> None:
        """End it now; never waits."""

    async def wait_ended(self, timeout_s: float) -> bool:
        """Wait until nothing of it is left; False when that takes longer."""
