"""The gate that a test passes before it takes its lease: most pass together, a suspect alone.

First come, first served, so that neither kind starves: who wants to be alone waits until all before have left, and
whoever comes later waits behind. Once the gate is closed, nobody passes any more. Knows no test. Use on one loop.
"""

import asyncio
from collections import deque
from dataclasses import dataclass


class GateClosed(Exception):
    """Raised when the worker takes up no more tests: whoever waits, or comes now, is to go back where it came from."""


@dataclass(eq=False, slots=True)
class _Waiter:
    alone: bool
    turn: "asyncio.Future[None]"


class Solitude:
    """Who entered must leave."""

    def __init__(self) -> None:
        self._inside = 0
        self._has_hermit = False
        self._waiting: deque[_Waiter] = deque()
        self._closed = False

    def close(self) -> None:
        """Nobody passes from now on. Those inside may stay."""
        self._closed = True
        while self._waiting:
            turn = self._waiting.popleft().turn
            if not turn.done():
                turn.set_exception(GateClosed())

    async def enter(self) -> None:
        """Wait until nobody inside wants to be alone. Raises GateClosed."""
        await self._enter(alone=False)

    async def enter_alone(self) -> None:
        """Wait until nobody is inside. Raises GateClosed."""
        await self._enter(alone=True)

    def leave(self) -> None:
        """Out again: it may be somebody's turn."""
        self._inside -= 1
        self._has_hermit = False
        self._admit()

    async def _enter(self, *, alone: bool) -> None:
        if self._closed:
            raise GateClosed
        if not self._waiting and self._has_room(alone):
            self._let_in(alone)
            return
        waiter = _Waiter(alone, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        try:
            await waiter.turn
        except asyncio.CancelledError:
            self._give_up(waiter)
            raise

    def _give_up(self, waiter: _Waiter) -> None:
        """Cancelled, perhaps in the moment in which its turn came."""
        if waiter in self._waiting:
            self._waiting.remove(waiter)
            self._admit()
        elif not waiter.turn.cancelled() and waiter.turn.exception() is None:
            self.leave()

    def _admit(self) -> None:
        while self._waiting and self._has_room(self._waiting[0].alone):
            waiter = self._waiting.popleft()
            if not waiter.turn.done():
                self._let_in(waiter.alone)
                waiter.turn.set_result(None)

    def _has_room(self, alone: bool) -> bool:
        return not self._inside if alone else not self._has_hermit

    def _let_in(self, alone: bool) -> None:
        self._inside += 1
        self._has_hermit = alone
