"""The two streams that the SDK's session wants, over two functions of a transport of ours."""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import anyio

from harness.mcp.sdk import SessionMessage, types


class _Stream:
    """What both have: nothing to close, because the session closes its transport."""

    async def aclose(self) -> None:
        """Nothing to do."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class Incoming(_Stream):
    """The read stream. `next_message` brings None when there will be no more."""

    def __init__(self, next_message: Callable[[], Awaitable[SessionMessage | None]]) -> None:
        self._next_message = next_message

    async def receive(self) -> SessionMessage | Exception:
        """The next message. Raises anyio.EndOfStream at the end."""
        message = await self._next_message()
        if message is None:
            raise anyio.EndOfStream
        return message

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        message = await self._next_message()
        if message is None:
            raise StopAsyncIteration
        return message


class Outgoing(_Stream):
    """The write stream. `send_message` raises anyio.ClosedResourceError when nothing can be sent any more."""

    def __init__(self, send_message: Callable[[types.JSONRPCMessage], Awaitable[None]]) -> None:
        self._send_message = send_message

    async def send(self, item: SessionMessage, /) -> None:
        """Pass a message on."""
        await self._send_message(item.message)
