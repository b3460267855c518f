"""A TCP proxy on loopback that can make a network bad: slow, hung, half-open, reset, refused; and that can be told to
stop at a word. It runs a loop in a thread of its own and is steered from the harness's.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

CHUNK = 64 * 1024
START_S = 10.0
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that turns a close into a reset."""


class Mode(StrEnum):
    """How the network is."""

    FINE = "fine"
    SLOW = "slow"  # every chunk is late
    HUNG = "hung"  # nothing moves, nothing is closed
    HALF_OPEN = "half-open"  # requests arrive, answers do not
    DOWN = "down"  # connections are reset, new ones too


@dataclass(frozen=True)
class Trap:
    """Holds back a request that contains both words and whose client's port is `wanted`; calls `caught` with it, once.

    Both functions are called in a thread.
    """

    word: bytes
    other: bytes
    wanted: Callable[[int], bool]
    caught: Callable[[int], None]

    def fits(self, request: bytes) -> bool:
        """Whether the request is of the kind."""
        return self.word in request and self.other in request


class Proxy:
    """Forwards 127.0.0.1:`port` to 127.0.0.1:`target`. A context manager."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self._mode = Mode.FINE
        self._delay_s = 0.0
        self._trap: Trap | None = None
        self._loop = asyncio.new_event_loop()
        self._fine = asyncio.Event()
        self._links: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name=f"proxy of {target}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._listen())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_S)
        self._loop.close()

    def become(self, mode: Mode, delay_s: float = 0.0) -> None:
        """Change the network at once; `delay_s` is what each chunk waits while SLOW."""
        self._call(self._become(mode, delay_s))

    def reset(self) -> None:
        """Reset every open connection; new ones are fine."""
        self._call(self._reset())

    def set_trap(self, trap: Trap | None) -> None:
        """Catch the next request of that kind, or none."""
        self._trap = trap

    def _call(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(START_S)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _listen(self) -> None:
        self._fine.set()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        self._server.close()
        await self._reset()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _become(self, mode: Mode, delay_s: float) -> None:
        self._mode, self._delay_s = mode, delay_s
        if mode in (Mode.HUNG, Mode.HALF_OPEN):
            self._fine.clear()
        else:
            self._fine.set()
        if mode is Mode.DOWN:
            await self._reset()

    async def _reset(self) -> None:
        for client, server in self._links.copy():
            for writer in (client, server):
                _reset(writer)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._mode is Mode.DOWN:
            _reset(writer)
            return
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            _reset(writer)
            return
        link = (writer, to_server)
        self._links.add(link)
        pumps = [self._pump(reader, to_server, self._request), self._pump(from_server, writer, self._answer)]
        tasks = {asyncio.ensure_future(pump) for pump in pumps}
        self._tasks |= tasks
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for one in link:
            _close(one)
        await asyncio.wait(tasks, timeout=1)
        for task in tasks:
            task.cancel()
        self._tasks -= tasks
        self._links.discard(link)

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        before: Callable[[bytes, asyncio.StreamWriter], Coroutine[Any, Any, None]],
    ) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK):
                await before(chunk, writer)
                writer.write(chunk)
                await writer.drain()

    async def _request(self, chunk: bytes, to_server: asyncio.StreamWriter) -> None:
        if self._trap is not None and self._trap.fits(chunk):
            await self._spring(self._trap, self._client_port(to_server))
        if self._mode is Mode.SLOW:
            await asyncio.sleep(self._delay_s)
        if self._mode is Mode.HUNG:
            await self._fine.wait()

    async def _spring(self, trap: Trap, port: int) -> None:
        """One request is caught: it never arrives, and its sender is dead. Others pass."""
        if not await asyncio.to_thread(trap.wanted, port) or self._trap is not trap:
            return
        self._trap = None
        await asyncio.to_thread(trap.caught, port)
        raise ConnectionResetError

    async def _answer(self, _chunk: bytes, _to_client: asyncio.StreamWriter) -> None:
        if self._mode is Mode.SLOW:
            await asyncio.sleep(self._delay_s)
        if self._mode in (Mode.HUNG, Mode.HALF_OPEN):
            await self._fine.wait()

    def _client_port(self, to_server: asyncio.StreamWriter) -> int:
        return next((int(a.get_extra_info("peername")[1]) for a, b in self._links if b is to_server), 0)


def _close(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, RuntimeError):
        writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST, as a firewall does that has forgotten the connection."""
    with contextlib.suppress(OSError, AttributeError, RuntimeError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        writer.transport.abort()
