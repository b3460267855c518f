"""Takes and records leases for all tests of a process over one connection. Owns the retries while Redis is away.

Commands that tests ask for while a round trip is under way go together in the next one (group commit): the price
of a record is a few microseconds, and each test still waits for its own answer.
"""

import asyncio
from dataclasses import dataclass

import redis.asyncio
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError, ResponseError

from harness.log import get_logger
from workers.leases import Command, Lease, NextMember, Taken, record_command, release_command, take_command
from workers.redis_clients import SOCKET_TIMEOUT_S

log = get_logger("ledger")

FIRST_PAUSE_S, LAST_PAUSE_S = 0.05, 1.0
MAX_BATCH = 200
NOT_HELD = 0


@dataclass(slots=True, eq=False)
class _Entry:
    command: Command
    answer: "asyncio.Future[int]"
    recorded: Lease | None = None
    refused: bool = False


class Ledger:
    """Use on one loop, between `start` and `stop`."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client
        self._connection: AbstractConnection | None = None
        self._entries: list[_Entry] = []
        self._sending: list[_Entry] = []
        self._waiting = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the writer."""
        self._writer = asyncio.get_running_loop().create_task(self._write())

    async def stop(self) -> None:
        """End the writer. Whoever still waits for an answer is cancelled."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        for entry in (*self._sending, *self._entries):
            entry.answer.cancel()
        await self._disconnect()
        await self._client.aclose()

    async def take(self, lease: Lease) -> Taken:
        """Take a queued lease; waits while Redis is away."""
        return Taken(await self._ask(take_command(lease)))

    async def record(self, lease: Lease, record: bytes, wake: bytes, following: NextMember | None = None) -> bool:
        """Record an attempt and end its lease; waits while Redis is away or refuses, until the lease is superseded.

        False when the lease was not held, or when `following` is no longer ours to hand on.
        """
        return await self._ask(record_command(lease, record, wake, following), lease) == 1

    def supersede(self, lease: Lease) -> None:
        """Nobody wants the record of `lease` any more: drop it, if Redis refuses it (it may be full).

        One that Redis has not refused is left alone: it arrives as soon as Redis is there, and harms nobody.
        """
        for entry in (*self._sending, *self._entries):
            if entry.recorded == lease and entry.refused and not entry.answer.done():
                log.warning("record.superseded", run_id=lease.run_id, number=lease.number, lease=lease.lease)
                entry.answer.set_result(NOT_HELD)

    async def release(self, lease: Lease) -> bool:
        """Give a lease back unused. False when it was not held."""
        return await self._ask(release_command(lease)) == 1

    async def queue_length(self, queue: str) -> int:
        """How many messages wait in a queue; waits while Redis is away."""
        return await self._ask(("LLEN", queue))

    async def _ask(self, command: Command, recorded: Lease | None = None) -> int:
        entry = _Entry(command, asyncio.get_running_loop().create_future(), recorded)
        self._entries.append(entry)
        self._waiting.set()
        return await entry.answer

    async def _write(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            await self._waiting.wait()
            batch, self._entries = self._entries[:MAX_BATCH], self._entries[MAX_BATCH:]
            if not self._entries:
                self._waiting.clear()
            self._sending = [entry for entry in batch if not entry.answer.done()]
            refused = await self._send(self._sending)
            if not refused:
                pause_s = FIRST_PAUSE_S
                continue
            self._entries = refused + self._entries
            self._waiting.set()
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LAST_PAUSE_S)

    async def _send(self, batch: list[_Entry]) -> list[_Entry]:
        """Send `batch` in one round trip; returns the entries to send again."""
        if not batch:
            return []
        try:
            async with asyncio.timeout(SOCKET_TIMEOUT_S):
                connection = await self._connected()
                await connection.send_packed_command(connection.pack_commands([entry.command for entry in batch]))
                return [entry for entry in batch if not await _answer(connection, entry)]
        except (RedisError, OSError) as error:  # a TimeoutError is an OSError
            await self._disconnect()
            log.warning("redis.away", error=str(error) or type(error).__name__, waiting=len(batch))
            return [entry for entry in batch if not entry.answer.done()]
        except BaseException:
            await self._disconnect()  # answers that nobody reads must not be taken for those of the next batch
            raise

    async def _connected(self) -> AbstractConnection:
        """The writer's own connection, kept: fetching one for every batch costs as much as a command."""
        if self._connection is None:
            connection = self._client.connection_pool.make_connection()  # type: ignore[no-untyped-call]  # typed in part
            await connection.connect()
            connection.socket_timeout = None  # one deadline for the whole batch, in `_send`
            self._connection = connection
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)


async def _answer(connection: AbstractConnection, entry: _Entry) -> bool:
    """Read one answer and give it to who waits. False when Redis refused: it is asked again."""
    try:
        answer = await connection.read_response(disable_decoding=True)
    except ResponseError as error:
        entry.refused = True
        log.error("redis.refused", error=str(error))
        return False
    if not entry.answer.done():
        entry.answer.set_result(answer)
    return True
