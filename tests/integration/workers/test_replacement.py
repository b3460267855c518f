"""A worker that leaves of its own accord is replaced, and no test is lost with it."""

from harness.models.outcomes import AttemptOutcome
from tests.integration.workers.farm import Farm, plan_of, tool_test
from tests.integration.workers.supervised import supervised
from tests.waiting import wait_until

COUNT = 40


def test_a_worker_above_its_memory_ceiling_ends_softly_with_code_0(farm: Farm) -> None:
    farm.start_worker(MCPF_MAX_MEMORY_MB="1")
    farm.publish(plan_of([tool_test(0, "sleep", {"seconds": 7})]))

    assert farm.workers["w1"].wait(40) == 0

    (record,) = farm.records()
    assert record.outcome is AttemptOutcome.PASSED
    assert "outgrown its memory ceiling" in farm.log()


def test_a_worker_above_its_memory_ceiling_is_replaced_at_once_and_no_test_is_lost(farm: Farm) -> None:
    with supervised(farm, processes=1, MCPF_MAX_MEMORY_MB="1", MCPF_SLOTS="2"):
        wait_until(lambda: farm.redis.exists("farm:worker:w-1-1"), 30, "the worker to announce itself")
        farm.publish(plan_of([tool_test(n, "sleep", {"seconds": 0.5}) for n in range(COUNT)]))

        records = farm.wait_for_records(COUNT, within_s=60)

    assert [record.number for record in records] == list(range(COUNT))
    assert {record.outcome for record in records} == {AttemptOutcome.PASSED}
    assert len({record.worker for record in records}) >= 2
