"""Takes and records over a real Redis: many together, and again when Redis says no."""

import asyncio
from typing import Any

import redis

from scheduler.operate.embedded_redis import RedisServer
from workers.leases import (
    BEATS,
    WORKERS,
    Held,
    Lease,
    NextMember,
    Taken,
    cancelled_key,
    heartbeat,
    queue_lease,
    records_key,
    worker_key,
)
from workers.ledger import Ledger
from workers.redis_clients import async_redis_client, redis_client


def test_many_leases_are_taken_and_recorded_each_with_its_own_answer(redis_server: RedisServer) -> None:
    leases = [Lease("r1", number, 1, "w1", f"t{number}") for number in range(500)]
    with redis_client(redis_server.url) as farm:
        _queue(farm, *(lease for lease in leases if lease.number % 2))

        async def story(ledger: Ledger) -> None:
            taken = await asyncio.gather(*(ledger.take(lease) for lease in leases))
            assert taken == [Taken.GRANTED if lease.number % 2 else Taken.STALE for lease in leases]
            recorded = await asyncio.gather(*(ledger.record(lease, b"{}", b"") for lease in leases))
            assert recorded == [bool(lease.number % 2) for lease in leases]

        _play(redis_server, story)

        assert farm.xlen(records_key("r1")) == 500 and farm.zcard(BEATS) == 0
        assert farm.keys("farm:lease:*") == []


def test_a_lease_can_be_taken_again_by_who_has_it_and_by_nobody_else(redis_server: RedisServer) -> None:
    mine, theirs = Lease("r1", 0, 1, "w1", "mine"), Lease("r1", 0, 1, "w2", "theirs")
    with redis_client(redis_server.url) as farm:
        _queue(farm, mine)

    async def story(ledger: Ledger) -> None:
        assert await ledger.take(mine) is Taken.GRANTED
        assert await ledger.take(mine) is Taken.GRANTED  # the first answer was lost
        assert await ledger.take(theirs) is Taken.ELSEWHERE
        assert not await ledger.release(theirs)
        assert await ledger.release(mine)
        assert await ledger.take(theirs) is Taken.GRANTED

    _play(redis_server, story)


def test_a_record_that_is_sent_again_after_its_answer_was_lost_still_hands_its_group_on(
    redis_server: RedisServer,
) -> None:
    first, second = (Lease("r1", number, 1, "w1", "group") for number in range(2))
    with redis_client(redis_server.url) as farm:
        _queue(farm, first, second)

        async def story(ledger: Ledger) -> None:
            await ledger.take(first)
            following = NextMember(second, "own", b"message")
            assert await ledger.record(first, b"{}", b"", following)
            assert await ledger.record(first, b"{}", b"", following)
            await asyncio.to_thread(farm.hset, second.key, "lease", 2)
            assert not await ledger.record(first, b"{}", b"", following)

        _play(redis_server, story)
        assert farm.lrange("own", 0, -1) == ["message"]


def test_a_lease_that_is_written_late_does_not_take_the_place_of_a_later_one(redis_server: RedisServer) -> None:
    with redis_client(redis_server.url) as farm:
        _queue(farm, Lease("r1", 0, 2, "w1", "t"))
        _queue(farm, Lease("r1", 0, 1, "w1", "t"))
        assert farm.hgetall("farm:lease:r1:0") == {"lease": "2"}
        _queue(farm, Lease("r1", 0, 3, "w1", "t"))
        assert farm.hgetall("farm:lease:r1:0") == {"lease": "3"}


def test_a_heartbeat_tells_of_each_lease_whether_it_is_held(redis_server: RedisServer) -> None:
    held, lost, cancelled = (Lease(run, 0, 1, "w1", "t") for run in ("held", "lost", "cancelled"))
    with redis_client(redis_server.url) as farm:
        _queue(farm, held, lost, cancelled)

        async def story(ledger: Ledger) -> None:
            for lease in (held, lost, cancelled):
                await ledger.take(lease)

        _play(redis_server, story)
        farm.hset(lost.key, "lease", 2)
        farm.set(cancelled_key("cancelled"), 1)

        answers = heartbeat(farm, "w1", {"pool": "default", "slots": "4"}, [held, lost, cancelled])

        assert answers == {held: Held.HELD, lost: Held.LOST, cancelled: Held.CANCELLED}
        assert farm.zrange(BEATS, 0, -1) == [cancelled.member, held.member]
        assert farm.hgetall(worker_key("w1")) == {"pool": "default", "slots": "4"}
        assert 0 < int(str(farm.ttl(worker_key("w1")))) <= 30 and farm.zrange(WORKERS, 0, -1) == ["w1"]


def test_a_record_that_redis_refuses_is_sent_again(redis_server: RedisServer) -> None:
    lease = Lease("r1", 0, 1, "w1", "t")
    with redis_client(redis_server.url) as farm:
        _queue(farm, lease)

        async def story(ledger: Ledger) -> None:
            await ledger.take(lease)
            await asyncio.to_thread(farm.config_set, "maxmemory", "1")
            recording = asyncio.create_task(ledger.record(lease, b"{}", b""))
            await asyncio.sleep(0.3)
            assert not recording.done()
            await asyncio.to_thread(farm.config_set, "maxmemory", "0")
            assert await recording

        _play(redis_server, story)
        assert farm.xlen(records_key("r1")) == 1


def test_a_record_that_redis_refuses_is_dropped_when_its_lease_is_superseded(redis_server: RedisServer) -> None:
    lease, other = (Lease("r1", number, 1, "w1", "t") for number in range(2))
    with redis_client(redis_server.url) as farm:
        _queue(farm, lease, other)

        async def story(ledger: Ledger) -> None:
            await ledger.take(lease)
            await ledger.take(other)
            await asyncio.to_thread(farm.config_set, "maxmemory", "1")
            recording, waiting = (asyncio.create_task(ledger.record(one, b"{}", b"")) for one in (lease, other))
            await asyncio.sleep(0.3)
            ledger.supersede(lease)
            assert await recording is False
            assert not waiting.done()
            await asyncio.to_thread(farm.config_set, "maxmemory", "0")
            assert await waiting

        _play(redis_server, story)
        assert farm.xlen(records_key("r1")) == 1


def test_a_record_that_is_on_its_way_is_not_dropped(redis_server: RedisServer) -> None:
    lease = Lease("r1", 0, 1, "w1", "t")
    with redis_client(redis_server.url) as farm:

        async def story(ledger: Ledger) -> None:
            recording = asyncio.create_task(ledger.record(lease, b"{}", b""))
            await asyncio.sleep(0)
            ledger.supersede(lease)
            assert await recording is False

        _play(redis_server, story)
        assert farm.xlen(records_key("r1")) == 1


def test_stopping_cancels_who_still_waits(redis_server: RedisServer) -> None:
    async def story(ledger: Ledger) -> None:
        redis_server.process.kill()
        redis_server.process.wait()
        recording = asyncio.create_task(ledger.record(Lease("r1", 0, 1, "w1", "t"), b"{}", b""))
        await asyncio.sleep(0.1)

        await ledger.stop()

        done, _ = await asyncio.wait([recording], timeout=5)
        assert done and recording.cancelled()

    _play(redis_server, story)


def _queue(farm: redis.Redis, *leases: Lease) -> None:
    with farm.pipeline() as pipe:
        for lease in leases:
            queue_lease(pipe, lease.run_id, lease.number, lease.lease)
        pipe.execute()


def _play(server: RedisServer, story: Any) -> None:
    async def run() -> None:
        ledger = Ledger(async_redis_client(server.url))
        ledger.start()
        try:
            await asyncio.wait_for(story(ledger), 20)
        finally:
            await ledger.stop()

    asyncio.run(run())
