"""Requests of any method over a session: lists to their end, subscriptions with their updates, the rest plainly."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from harness.checks.answer import Answer
from harness.errors import ProtocolFault
from harness.mcp.observation import Observation
from harness.mcp.paging import EndlessList, all_pages
from harness.mcp.requests import CURSOR, LIST_MEMBERS, RAW_RESULT, params_of, raw_request, wants_all_pages
from harness.models.job import PlannedCall
from harness.models.method import Method

if TYPE_CHECKING:
    from harness.mcp.session import Session

UPDATED = "notifications/resources/updated"
UNSUBSCRIBE = "resources/unsubscribe"
UPDATES_WITHIN_S = 10.0
UNSUBSCRIBE_S = 1.0


async def request(session: "Session", call: PlannedCall, *, timeout_s: float) -> Observation:
    """Make a request, and raise what `Session.call_tool` raises.

    A list is read to its end, unless the call names a cursor: ProtocolFault when it has none. A subscription waits
    for updates: their params are the answer.
    """
    if call.method is Method.CALL_TOOL:
        return await session.call_tool(call.name, call.input, timeout_s=timeout_s)
    if call.method is Method.INITIALIZE:
        return Observation(Answer(result=session.introduced), None, 0.0, session.facts.position, 0, 0)
    if call.method is Method.SUBSCRIBE:
        return await _subscribe(session, call, timeout_s)
    if wants_all_pages(call):
        return await _list(session, call, timeout_s)
    return await session.exchange(raw_request(call.method, params_of(call)), RAW_RESULT, timeout_s)


async def _list(session: "Session", call: PlannedCall, timeout_s: float) -> Observation:
    deadline = time.monotonic() + timeout_s
    seen: list[Observation] = []

    async def fetch(cursor: str | None) -> Mapping[str, Any] | None:
        params = params_of(call) | ({CURSOR: cursor} if cursor else {})
        left_s = max(0.001, deadline - time.monotonic())
        seen.append(await session.exchange(raw_request(call.method, params), RAW_RESULT, left_s))
        return seen[-1].answer.result

    try:
        result = await all_pages(fetch, LIST_MEMBERS[call.method])
    except EndlessList as endless:
        raise session.fault(ProtocolFault, f"{call.method}: {endless}") from None
    return seen[-1] if result is None else replace(seen[-1], answer=Answer(result=result))


async def _subscribe(session: "Session", call: PlannedCall, timeout_s: float) -> Observation:
    """Subscribe, wait for so many updates (or for so long), and take the subscription back."""
    params = params_of(call)
    deadline = time.monotonic() + timeout_s
    with session.listening(UPDATED) as heard:
        observation = await session.exchange(raw_request(Method.SUBSCRIBE, params), RAW_RESULT, timeout_s)
        if observation.answer.is_error:
            return observation
        mine = await _updates(heard, params["uri"], call.input, deadline)
    left_s = max(UNSUBSCRIBE_S, deadline - time.monotonic())
    await session.exchange(raw_request(UNSUBSCRIBE, params), RAW_RESULT, left_s)
    return replace(observation, answer=Answer(result={"updates": mine}))


async def _updates(
    heard: "asyncio.Queue[Mapping[str, Any]]", uri: JsonValue, wanted: Mapping[str, JsonValue], deadline: float
) -> list[Mapping[str, Any]]:
    """The params of the updates of `uri`: as many as are wanted, or those that came in time."""
    count = _number(wanted.get("min_updates"), 1)
    until = min(deadline - UNSUBSCRIBE_S, time.monotonic() + _number(wanted.get("wait_seconds"), UPDATES_WITHIN_S))
    mine: list[Mapping[str, Any]] = []
    while len(mine) < count and (left_s := until - time.monotonic()) > 0:
        try:
            params = await asyncio.wait_for(heard.get(), left_s)
        except TimeoutError:
            break
        mine += [params] if params.get("uri") == uri else []
    return mine


def _number(value: JsonValue, default: float) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default
