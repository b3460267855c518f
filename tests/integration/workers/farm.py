"""A farm without a scheduler: a real Redis, real worker processes, and a test that plays dispatch and aggregate."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

from harness.models.attempt import AttemptRecord
from harness.models.job import PlannedTest, SuitePlan, TestKind, TestMessage
from harness.models.server import Server
from scheduler.operate.embedded_redis import RedisServer
from tests.conftest import CallLog, plain_server
from tests.waiting import wait_until
from workers.leases import lease_key, queue_lease, records_key, worker_key
from workers.messages import own_queue, shard_queue, test_message_bytes
from workers.redis_clients import redis_client

POOL = "default"
SHARD = shard_queue(POOL, 0)


@dataclass
class Farm:
    """One pool with one shard in use. `directory` holds blobs, scratch and logs."""

    server: RedisServer
    directory: Path
    environment: dict[str, str] = field(default_factory=dict)
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.redis: redis.Redis = redis_client(self.server.url)

    def start_worker(self, name: str = "w1", *, slots: int = 4, wait: bool = True, **environment: str) -> int:
        """Start a worker process; returns its pid, once it has announced itself."""
        told = {
            "MCPF_REDIS_URL": self.server.url,
            "MCPF_BLOB_DIR": str(self.directory / "blobs"),
            "MCPF_SCRATCH_DIR": str(self.directory / "scratch"),
            "MCPF_WORKER_NAME": name,
            "MCPF_SLOTS": str(slots),
            "MCPF_LOG_FORMAT": "console",
        }
        with (self.directory / f"{name}.log").open("ab") as log:
            self.workers[name] = subprocess.Popen(
                [sys.executable, "-P", "-m", "workers", "--die-with-stdin"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**os.environ, **told, **self.environment, **environment},
                cwd=self.directory,
                start_new_session=True,
            )
        if wait:
            wait_until(lambda: self.redis.exists(worker_key(name)), 30, f"{name} to announce itself: {self.log(name)}")
        return self.workers[name].pid

    def stop_worker(self, name: str = "w1", how: signal.Signals = signal.SIGTERM, within_s: float = 20) -> int:
        """Send a signal and wait for the end; returns the exit code."""
        self.workers[name].send_signal(how)
        code = self.workers[name].wait(within_s)
        stdin = self.workers.pop(name).stdin
        if stdin is not None:
            stdin.close()
        return code

    def log(self, name: str = "w1") -> str:
        """All that a worker said."""
        return (self.directory / f"{name}.log").read_text(errors="replace")

    def put_blob(self, content: bytes) -> str:
        """Store a blob as the artefact store on a directory does; returns its digest."""
        digest = hashlib.sha256(content).hexdigest()
        self.blob(digest).parent.mkdir(parents=True, exist_ok=True)
        self.blob(digest).write_bytes(content)
        return digest

    def blob(self, digest: str) -> Path:
        """Where a blob lies."""
        return self.directory / "blobs" / digest[:2] / digest

    def publish(
        self,
        plan: SuitePlan,
        run_id: str = "r1",
        *,
        lease: int = 1,
        heads_only: bool = True,
        queue: str = SHARD,
        **said: bool,
    ) -> str:
        """Play dispatch: lease every test, send every test, of a group only its head. Returns the plan's digest.

        `said` goes into every message: `fresh`, `alone`.
        """
        digest = self.put_blob(plan.model_dump_json().encode())
        heads = {group: plan.group_members(group)[0] for group in {test.group for test in plan.tests if test.group}}
        with self.redis.pipeline() as pipe:
            for test in plan.tests:
                queue_lease(pipe, run_id, test.number, lease)
                if not heads_only or test.group is None or test == heads[test.group]:
                    pipe.lpush(queue, self.message(test, digest, run_id, lease, **said))
            pipe.execute()
        return digest

    def message(self, test: PlannedTest, plan: str, run_id: str = "r1", lease: int = 1, **said: bool) -> bytes:
        """The list entry for one test."""
        number, test_id = test.number, test.test_id
        head = {"run_id": run_id, "number": number, "lease": lease, "plan": plan, "test_id": test_id}
        message = TestMessage.model_validate({**head, "token": "token", **said})
        return test_message_bytes(message, SHARD)

    def records(self, run_id: str = "r1") -> list[AttemptRecord]:
        """All records of a run so far, by number."""
        entries: Any = self.redis.xrange(records_key(run_id))
        records = [AttemptRecord.model_validate_json(fields["r"]) for _, fields in entries]
        return sorted(records, key=lambda record: record.number)

    def wait_for_records(self, count: int, run_id: str = "r1", within_s: float = 30) -> list[AttemptRecord]:
        """Wait for that many records."""
        with suppress(AssertionError):
            wait_until(lambda: self.redis.xlen(records_key(run_id)) >= count, within_s)
        found = self.records(run_id)
        assert len(found) >= count, f"{len(found)} of {count} records; {[self.log(name) for name in self.workers]}"
        return found

    def taken_by(self, number: int, run_id: str = "r1") -> str | None:
        """The worker that holds a test's lease."""
        holder: Any = self.redis.hget(lease_key(run_id, number), "worker")
        return holder

    def waiting(self, queue: str = SHARD) -> int:
        """Messages in a queue."""
        length: Any = self.redis.llen(queue)
        return length

    def own_queue(self, name: str = "w1") -> str:
        """A worker's own queue."""
        return own_queue(POOL, name)

    def close(self) -> None:
        """End all workers; whoever does not go in time is killed."""
        for worker in self.workers.values():
            worker.terminate()
        deadline = time.monotonic() + 15
        for worker in self.workers.values():
            try:
                worker.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
            if worker.stdin is not None:
                worker.stdin.close()
        self.redis.close()


def tool_test(number: int, tool: str = "echo", input: dict[str, Any] | None = None, **more: Any) -> PlannedTest:
    """A planned call of a tool of tests/servers/plain.py."""
    arguments = {"text": "hello"} if input is None and tool == "echo" else input or {}
    return PlannedTest(
        number=number,
        test_id=f"default/suite/target/{tool}/t{number}",
        kind=TestKind.TOOL,
        tool=tool,
        name=f"t{number}",
        input=arguments,
        **more,
    )


def plan_of(tests: Sequence[PlannedTest], log: CallLog | None = None, **more: Any) -> SuitePlan:
    """A plan of `tests` against tests/servers/plain.py."""
    server = more.pop("server", None) or Server.model_validate(plain_server(log))
    head = {"project": "default", "suite": "suite", "target": "target", "file": "suite.yaml"}
    return SuitePlan(**head, server=server, tests=tuple(tests), **more)
