"""Small stand-ins for our own interfaces, each with a memory."""

import asyncio
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from harness.errors import ServerUnavailable
from harness.mcp.sandbox import Sandbox
from harness.models.job import PlannedTest, SuitePlan, TestKind, TestMessage
from harness.models.server import Server
from workers.leases import Lease, NextMember, Taken

_ids = count(1)


@dataclass(eq=False)
class FakeSession:
    """Lives until it is closed, or until `alive` is set to false."""

    alive: bool = True
    closed: bool = False
    session_id: str = field(default_factory=lambda: f"s{next(_ids)}")

    async def call_tool(self, name: str, arguments: object, *, timeout_s: float) -> None:
        await asyncio.sleep(0)

    async def close(self) -> None:
        self.alive = False
        self.closed = True
        await asyncio.sleep(0)


@dataclass
class FakeOpener:
    """Opens sessions at once, or as slowly or badly as it is told."""

    sessions: list[FakeSession] = field(default_factory=list)
    sandboxes: list[Sandbox] = field(default_factory=list)
    removed: list[Sandbox] = field(default_factory=list)
    tries: int = 0
    broken: bool = False
    gate: asyncio.Event | None = None
    sandbox_fault: Exception | None = None

    async def make_sandbox(self, plan: SuitePlan, token: str) -> Sandbox:
        if self.sandbox_fault:
            raise self.sandbox_fault
        self.sandboxes.append(Sandbox(Path(f"/sandboxes/{len(self.sandboxes)}")))
        return self.sandboxes[-1]

    async def open_session(self, plan: SuitePlan | None = None, sandbox: Sandbox | None = None) -> Any:
        self.tries += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.broken:
            raise ServerUnavailable("it does not start", stderr_tail="no such module")
        self.sessions.append(FakeSession())
        return self.sessions[-1]

    async def remove_sandbox(self, sandbox: Sandbox) -> None:
        self.removed.append(sandbox)


@dataclass
class FakeLedger:
    """Grants every lease once and writes every record down."""

    answer: Taken = Taken.GRANTED
    answers: bool = True
    waiting: int = 0
    gate: asyncio.Event | None = None
    current: bool = True
    taken: list[Lease] = field(default_factory=list)
    records: list[tuple[Lease, bytes, NextMember | None]] = field(default_factory=list)
    released: list[Lease] = field(default_factory=list)
    superseded: list[Lease] = field(default_factory=list)

    def supersede(self, lease: Lease) -> None:
        self.superseded.append(lease)

    async def take(self, lease: Lease) -> Taken:
        self.taken.append(lease)
        if not self.answers:
            await asyncio.Event().wait()
        return self.answer

    async def record(self, lease: Lease, record: bytes, wake: bytes, following: NextMember | None = None) -> bool:
        await asyncio.sleep(0)
        self.records.append((lease, record, following))
        if self.gate is not None:
            await self.gate.wait()
        return self.current

    async def queue_length(self, queue: str) -> int:
        return self.waiting

    async def release(self, lease: Lease) -> bool:
        self.released.append(lease)
        return True


def planned(number: int, **changes: Any) -> PlannedTest:
    """A planned call of echo."""
    head = {"test_id": f"p/s/t/echo/t{number}", "kind": TestKind.TOOL, "tool": "echo", "name": f"t{number}"}
    return PlannedTest(**{"number": number, **head, **changes})


def plan_of(*tests: PlannedTest, **changes: Any) -> SuitePlan:
    """A plan of `tests`."""
    head = {"project": "p", "suite": "s", "target": "t", "file": "s.yaml", "server": Server(command="x")}
    return SuitePlan(**{**head, "tests": tests, **changes})


def message_for(test: PlannedTest, *, run_id: str = "r1", lease: int = 1, plan: str = "digest") -> TestMessage:
    """The message that brings `test`."""
    number, test_id = test.number, test.test_id
    return TestMessage(run_id=run_id, number=number, lease=lease, plan=plan, test_id=test_id, token="token")
