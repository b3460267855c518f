"""The stream of a run's events."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from harness.models.attempt import AttemptRecord
from harness.models.outcomes import AttemptOutcome
from harness.models.run import AttemptReport, EventKind, RunEvent, RunState, RunView, TestReport
from harness.suites.bundle import PackedBundle
from scheduler.console.api.events import KEEP_ALIVE, encode, event_stream
from scheduler.console.cli.event_stream import run_events
from scheduler.console.cli.farm_client import FarmClient
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.store.change import changing
from scheduler.store.queries import run_report
from tests.integration.api.conftest import Api
from tests.waiting import wait_until
from workers.leases import records_key


def record(api: Api, run: RunView, *numbers: int) -> None:
    """What a worker does for these tests, and then control."""
    dispatch(api.farm)
    with api.farm.store.session() as session:
        tests = run_report(session, run.run_id).tests
    now = datetime.now(UTC)
    for number in numbers:
        attempt = AttemptRecord(
            run_id=run.run_id,
            number=number,
            test_id=tests[number].test_id,
            lease=1,
            worker="w",
            outcome=AttemptOutcome.PASSED,
            started_at=now,
            ended_at=now,
        )
        api.farm.redis.xadd(records_key(run.run_id), {"r": attempt.model_dump_json()})
    aggregate(api.farm, run.run_id)


@pytest.fixture
def client(api: Api) -> Iterator[FarmClient]:
    with FarmClient(api.url, api.key) as client:
        yield client


def test_a_stream_tells_each_test_and_ends_with_the_run(api: Api, bundle: PackedBundle, client: FarmClient) -> None:
    run = api.start(bundle)
    events: list[RunEvent] = []
    reader = threading.Thread(target=lambda: events.extend(client.events(run.run_id, 0)))
    reader.start()
    record(api, run, 1)
    record(api, run, 0)
    reader.join(10)
    assert not reader.is_alive()
    assert [(event.seq, event.kind) for event in events] == [
        (1, EventKind.TEST_FINISHED),
        (2, EventKind.TEST_FINISHED),
        (3, EventKind.RUN_FINISHED),
    ]
    assert [event.test.name for event in events if event.test] == ["two", "one"]
    assert events[2].run is not None
    assert events[2].run.state is RunState.CLOSED


@pytest.mark.parametrize("seen", [0, 1, 2, 3, 99])
def test_a_reader_resumes_after_the_last_event_that_it_saw(
    api: Api, bundle: PackedBundle, client: FarmClient, seen: int
) -> None:
    run = api.start(bundle)
    record(api, run, 0, 1)
    assert [event.seq for event in client.events(run.run_id, seen)] == list(range(seen + 1, 4))


def test_an_event_on_the_wire_has_number_kind_and_one_line_of_data(api: Api, bundle: PackedBundle) -> None:
    run = api.start(bundle)
    record(api, run, 0, 1)
    answer = api.http.get(f"/v1/runs/{run.run_id}/events", headers={"Last-Event-ID": "2"})
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    comment, event, rest = answer.text.split("\n\n")
    assert comment.startswith(":")
    assert rest == ""
    number, kind, data = event.split("\n")
    assert (number, kind) == ("id: 3", "event: run.finished")
    assert RunEvent.model_validate_json(data.removeprefix("data: ")).seq == 3


def test_a_silent_stream_is_kept_alive_with_comments(api: Api, bundle: PackedBundle) -> None:
    run = api.start(bundle)

    async def first_parts() -> list[bytes]:
        stream = event_stream(api.farm, run.run_id, 0, threading.Event(), keep_alive_s=0.1)
        return [await anext(stream) for _ in range(3)]

    assert asyncio.run(first_parts()) == [KEEP_ALIVE] * 3


def test_a_stream_ends_when_the_process_is_about_to(api: Api, bundle: PackedBundle) -> None:
    run = api.start(bundle)
    closing = threading.Event()

    async def parts() -> list[bytes]:
        found = []
        async for part in event_stream(api.farm, run.run_id, 0, closing):
            found.append(part)
            closing.set()
        return found

    assert asyncio.run(parts()) == [KEEP_ALIVE]


def test_a_notice_is_told_without_an_id_whenever_it_changes(api: Api, bundle: PackedBundle) -> None:
    run = api.start(bundle)

    async def told() -> list[bytes]:
        stream = event_stream(api.farm, run.run_id, 7, threading.Event())
        parts = [await anext(stream)]
        for notice in ("no worker", ""):
            with changing(api.farm.store, run.run_id) as change:
                change.run.notice = notice
            parts.append(await anext(stream))
        return parts

    _, *parts = asyncio.run(told())
    assert all(part.startswith(b"event: run.notice\ndata: ") for part in parts)
    events = list(run_events(parts))
    assert [(event.seq, event.run.notice) for event in events if event.run] == [(7, "no worker"), (7, "")]


@pytest.mark.parametrize("text", ["-1", "x", "1.5", "9" * 30])
def test_a_last_event_id_that_is_no_number_is_refused(api: Api, bundle: PackedBundle, text: str) -> None:
    run = api.start(bundle)
    answer = api.http.get(f"/v1/runs/{run.run_id}/events", headers={"Last-Event-ID": text})
    assert answer.status_code == 400


def test_followers_do_not_hold_up_others(api: Api, bundle: PackedBundle, client: FarmClient) -> None:
    run = api.start(bundle)
    opened = threading.Semaphore(0)
    readers = [
        threading.Thread(target=lambda: list(client.events(run.run_id, 0, on_open=opened.release))) for _ in range(30)
    ]
    for reader in readers:
        reader.start()
    for _ in readers:
        assert opened.acquire(timeout=10)
    assert api.http.get("/health").status_code == 200
    record(api, run, 0, 1)
    wait_until(lambda: not any(reader.is_alive() for reader in readers), 20)


def test_a_test_that_was_passed_over_for_its_dependency_can_be_read_from_the_stream() -> None:
    now = datetime.now(UTC)
    passed_over = AttemptRecord(
        run_id="r", number=0, test_id="p/s/t/x", lease=1, worker="w", outcome=None, started_at=now, ended_at=now
    )
    attempts = (AttemptReport(record=passed_over),)
    test = TestReport(number=0, test_id="p/s/t/x", suite="s", target="t", name="x", attempts=attempts)
    event = RunEvent(seq=1, kind=EventKind.TEST_FINISHED, test=test)

    assert list(run_events([encode([event])])) == [event]
