"""The route that tells a run's events as they happen: server-sent events, resumable by number.

https://html.spec.whatwg.org/multipage/server-sent-events.html: `id` is the event's number, `event` its kind, `data` a
RunEvent. The stream ends after `run.finished`. A notice (`run.notice`) has no `id`: whoever resumes is told anew.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from threading import Event
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from harness.models.run import EventKind, RunEvent, RunState, RunView
from scheduler.console.api.access import AnyFarm
from scheduler.console.api.problems import Refusal, responses
from scheduler.console.api.runs import VisibleRun
from scheduler.control.farm import Farm
from scheduler.store.queries import events_after, run_view

router = APIRouter(prefix="/v1/runs", tags=["runs"])

LOOK_S = 0.2
KEEP_ALIVE_S = 10.0
BATCH = 500
KEEP_ALIVE = b": still here\n\n"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
SSE: dict[int | str, dict[str, Any]] = {
    200: {"description": "server-sent events; `data` is a RunEvent", "content": {"text/event-stream": {}}}
}


@router.get("/{run_id}/events", response_class=StreamingResponse, responses={**SSE, **responses(400, 401, 404)})
async def follow_run(
    request: Request, view: VisibleRun, farm: AnyFarm, last_event_id: Annotated[str, Header(max_length=18)] = "0"
) -> StreamingResponse:
    """The run's events after `Last-Event-ID` (from the first without it), then each as it happens."""
    if not last_event_id.isdecimal():
        raise Refusal(400, "usage", "Last-Event-ID: expected the number of an event")
    closing: Event = request.app.state.closing
    stream = event_stream(farm, view.run_id, int(last_event_id), closing)
    return StreamingResponse(stream, media_type="text/event-stream", headers=HEADERS)


async def event_stream(
    farm: Farm, run_id: str, after: int, closing: Event, *, keep_alive_s: float = KEEP_ALIVE_S
) -> AsyncIterator[bytes]:
    """Events numbered above `after` as server-sent events, with a comment whenever nothing else was sent for long.

    Whenever the run's notice has changed, that is told, too. Ends after the run's last event, and when this process is
    `closing`: the reader comes back to the next one.
    """
    yield KEEP_ALIVE  # the answer's head goes out at once
    silent_s, notice = 0.0, ""
    while not closing.is_set():
        events, view = await run_in_threadpool(_read, farm, run_id, after)
        if events:
            after, silent_s = events[-1].seq, 0.0
            yield encode(events)
        if _is_over(events, view):
            return
        if view.current_notice != notice:
            notice, silent_s = view.current_notice, 0.0
            yield encode([RunEvent(seq=after, kind=EventKind.RUN_NOTICE, run=view)])
        if len(events) < BATCH:
            await asyncio.sleep(LOOK_S)
            silent_s += LOOK_S
        if silent_s >= keep_alive_s:
            silent_s = 0.0
            yield KEEP_ALIVE


def encode(events: Iterable[RunEvent]) -> bytes:
    """Events on the wire. JSON has no line ends of its own, so `data` is one line."""
    return "".join(
        f"{_id_line(event)}event: {event.kind}\ndata: {event.model_dump_json()}\n\n" for event in events
    ).encode()


def _id_line(event: RunEvent) -> str:
    return "" if event.kind is EventKind.RUN_NOTICE else f"id: {event.seq}\n"


def _read(farm: Farm, run_id: str, after: int) -> tuple[list[RunEvent], RunView]:
    """The next events, and the run in brief: of one moment."""
    with farm.store.session() as session:
        return events_after(session, run_id, after, BATCH), run_view(session, run_id)


def _is_over(events: Sequence[RunEvent], view: RunView) -> bool:
    return view.state is RunState.CLOSED and len(events) < BATCH
