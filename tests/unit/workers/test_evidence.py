"""What a worker keeps: once per content, within a budget, and how it lives with a farm that takes nothing."""

import asyncio

import pytest

from harness.errors import FarmUnreachable, NotKept
from harness.leasing import AttemptContext
from harness.pulse import Pulse
from harness.secrets.scrubber import Scrubber
from tests.integration.workers.farm import tool_test
from workers.evidence import PAUSE_S, EvidenceStore, EvidenceTerms


class FakeSink:
    """Remembers what it took; refuses while `away`."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.asked = 0
        self.away = False

    async def store(self, content: bytes, digest: str, context: AttemptContext) -> None:
        self.asked += 1
        if self.away:
            raise FarmUnreachable("nobody is there")
        self.taken.append(content)

    async def close(self) -> None:
        self.taken.clear()


def context_of(run_id: str = "r1", plan: str = "plan") -> AttemptContext:
    return AttemptContext(run_id=run_id, lease=1, worker="w1", plan=plan, token="t", pulse=Pulse())


def store_with(sink: FakeSink, run_bytes: int = 100, *, all_passed: bool = False, now: list[float]) -> EvidenceStore:
    return EvidenceStore(sink, EvidenceTerms(run_bytes, all_passed), lambda: Scrubber(()), lambda: now[0])


def test_the_same_content_is_sent_once() -> None:
    sink = FakeSink()
    store = store_with(sink, now=[0.0])
    first = asyncio.run(store.keep(b"x" * 60, context_of()))
    assert asyncio.run(store.keep(b"x" * 60, context_of())) == first
    assert sink.taken == [b"x" * 60]


def test_a_run_has_a_budget_of_its_own() -> None:
    sink = FakeSink()
    store = store_with(sink, now=[0.0])
    asyncio.run(store.keep(b"x" * 60, context_of("r1")))
    with pytest.raises(NotKept):
        asyncio.run(store.keep(b"y" * 60, context_of("r1")))
    asyncio.run(store.keep(b"y" * 60, context_of("r2")))
    assert sink.taken == [b"x" * 60, b"y" * 60]


def test_where_nobody_takes_anything_records_do_not_wait() -> None:
    sink, now = FakeSink(), [0.0]
    store = store_with(sink, now=now)
    sink.away = True
    for _ in range(3):
        with pytest.raises(NotKept, match="nobody is there"):
            asyncio.run(store.keep(b"x", context_of()))
    assert sink.asked == 1
    sink.away, now[0] = False, PAUSE_S
    asyncio.run(store.keep(b"x", context_of()))
    assert sink.taken == [b"x"]


def test_of_what_passed_the_first_of_each_subject_and_plan_is_wanted() -> None:
    store = store_with(FakeSink(), now=[0.0])
    asked = [("echo", "a"), ("echo", "a"), ("add", "a"), ("echo", "b")]
    assert [store.wants(tool_test(0, tool), context_of(plan=plan)) for tool, plan in asked] == [True, False, True, True]
    assert store.wants(tool_test(0), context_of("r2", "a"))


def test_all_that_passed_is_wanted_where_the_worker_is_told_so() -> None:
    store = store_with(FakeSink(), all_passed=True, now=[0.0])
    assert [store.wants(tool_test(0), context_of()) for _ in range(3)] == [True] * 3
