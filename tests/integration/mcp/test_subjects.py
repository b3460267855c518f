"""Everything that a test may ask for, of the reference server, over both transports; and lists that do not end."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from harness.checks.answer import Answer
from harness.errors import ProtocolFault
from harness.mcp.opening import open_session
from harness.mcp.requests import RAW_RESULT, raw_request
from harness.mcp.session import Session
from harness.mcp.subjects import request
from harness.models.job import PlannedCall
from harness.models.method import Method
from harness.models.server import Server
from tests.conftest import require
from tests.integration.mcp.scene import Scene, play, script

INSTALLED = Path(__file__).resolve().parents[3] / ".servers" / "node"
STDIO = Server(command="mcp-server-everything", args=("stdio",))
HTTP = Server(
    command="mcp-server-everything",
    args=("streamableHttp",),
    env={"PORT": "${port}"},
    url="http://127.0.0.1:${port}/mcp",
)
TEXT = "demo://resource/dynamic/text/1"
BAD_COMPLETION = {"ref": {"type": "ref/prompt", "name": "none"}, "argument": {"name": "x", "value": ""}}
CALLS = {
    "call": PlannedCall(name="echo", input={"message": "hello"}),
    "call that fails": PlannedCall(name="echo", input={}),
    "structured content": PlannedCall(name="get-structured-content", input={"location": "Chicago"}),
    "tools": PlannedCall(method=Method.LIST_TOOLS),
    "resources": PlannedCall(method=Method.LIST_RESOURCES),
    "templates": PlannedCall(method=Method.LIST_TEMPLATES),
    "static resource": PlannedCall(method=Method.READ_RESOURCE, name="demo://resource/static/document/features.md"),
    "no resource": PlannedCall(method=Method.READ_RESOURCE, name="demo://none"),
    "prompts": PlannedCall(method=Method.LIST_PROMPTS),
    "prompt": PlannedCall(method=Method.GET_PROMPT, name="args-prompt", input={"city": "Rome", "state": 7}),
    "no prompt": PlannedCall(method=Method.GET_PROMPT, name="none"),
    "completion": PlannedCall(
        method=Method.COMPLETE,
        input={
            "ref": {"type": "ref/prompt", "name": "completable-prompt"},
            "argument": {"name": "department", "value": "S"},
        },
    ),
    "no completion": PlannedCall(method=Method.COMPLETE, input=BAD_COMPLETION),
    "ping": PlannedCall(method=Method.PING),
    "initialize": PlannedCall(method=Method.INITIALIZE),
}


async def answers_of(session: Session) -> dict[str, Answer]:
    found = {label: (await request(session, call, timeout_s=10)).answer for label, call in CALLS.items()}
    return {**found, "updates": await updates_of(session)}


async def updates_of(session: Session) -> Answer:
    """Who has subscribed is told at once when the updates are switched on."""
    await session.exchange(raw_request("resources/subscribe", {"uri": TEXT}), RAW_RESULT, 10)
    call = PlannedCall(method=Method.SUBSCRIBE, input={"uri": TEXT, "min_updates": 1, "wait_seconds": 9})
    waiting = asyncio.create_task(request(session, call, timeout_s=10))
    await asyncio.sleep(0)
    await session.call_tool("toggle-subscriber-updates", {}, timeout_s=10)
    return (await waiting).answer


def test_every_subject_brings_the_same_over_both_transports(tmp_path: Path) -> None:
    require(INSTALLED / "installed")

    async def act(scene: Scene) -> tuple[dict[str, Answer], ...]:
        path = {"PATH": f"{INSTALLED}/node_modules/.bin:{os.environ['PATH']}"}
        opening = [
            open_session(scene.launcher, server, sandbox=scene.sandbox, environment=path) for server in (STDIO, HTTP)
        ]
        sessions = await asyncio.gather(*opening)
        for session in sessions:
            assert session.output_schema("get-structured-content") is not None and session.output_schema("echo") is None
        return tuple([await answers_of(session) for session in sessions])

    over_stdio, over_http = play(tmp_path, act)

    assert over_http == over_stdio
    results: dict[str, Any] = {label: answer.result for label, answer in over_http.items()}
    assert results["call"] == {"content": [{"type": "text", "text": "Echo: hello"}]}
    assert over_http["call that fails"].is_tool_error
    assert results["structured content"]["structuredContent"]["conditions"] == "Light rain / drizzle"
    assert {tool["name"] for tool in results["tools"]["tools"]} >= {"echo", "get-sum", "gzip-file-as-resource"}
    assert len(results["resources"]["resources"]) >= 7 and len(results["templates"]["resourceTemplates"]) == 2
    assert results["static resource"]["contents"][0]["mimeType"] == "text/markdown"
    assert {prompt["name"] for prompt in results["prompts"]["prompts"]} >= {"simple-prompt", "args-prompt"}
    assert "Rome, 7" in results["prompt"]["messages"][0]["content"]["text"], "arguments of prompts are texts"
    assert results["completion"]["completion"]["values"] == ["Sales", "Support"]
    assert results["ping"] == {}
    assert results["initialize"]["serverInfo"]["name"] == "mcp-servers/everything"
    assert results["updates"] == {"updates": [{"uri": TEXT}]}
    codes = {label: answer.error and answer.error.code for label, answer in over_http.items() if answer.error}
    assert codes == {"no resource": -32602, "no prompt": -32602, "no completion": -32602}


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("circle", "tools/list: it repeats a cursor, or gives one that is no text"),
        ("endless", "tools/list: it has more than 100 pages"),
    ],
)
def test_a_list_without_an_end_is_a_fault(tmp_path: Path, way: str, message: str) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("pages", way))
        with pytest.raises(ProtocolFault) as caught:
            await request(session, PlannedCall(method=Method.LIST_TOOLS), timeout_s=10)
        assert caught.value.message == message
        assert session.alive

    play(tmp_path, act)


def test_a_list_is_read_to_its_end_unless_a_cursor_is_named(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("pages", "three"))
        everything = await request(session, PlannedCall(method=Method.LIST_TOOLS), timeout_s=10)
        page = await request(session, PlannedCall(method=Method.LIST_TOOLS, input={"cursor": "1"}), timeout_s=10)
        first = await request(session, PlannedCall(method=Method.LIST_TOOLS, input={"cursor": None}), timeout_s=10)
        for observation, names, cursor in ((everything, "t0 t1 t2", None), (page, "t1", "2"), (first, "t0", "1")):
            assert observation.answer.result is not None
            assert [tool["name"] for tool in observation.answer.result["tools"]] == names.split()
            assert observation.answer.result.get("nextCursor") == cursor

    play(tmp_path, act)


def test_updates_that_do_not_come_in_time_are_none_and_those_of_others_do_not_count(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("updates"))
        wanted = {"uri": "note://1", "min_updates": 3, "wait_seconds": 0.2}
        observation = await request(session, PlannedCall(method=Method.SUBSCRIBE, input=wanted), timeout_s=5)
        assert observation.answer.result == {"updates": [{"uri": "note://1", "n": 1}, {"uri": "note://1", "n": 3}]}
        answer = (await session.call_tool("go", {}, timeout_s=5)).answer
        assert answer.result == {
            "content": [{"type": "text", "text": "['resources/subscribe', 'resources/unsubscribe']"}]
        }

    play(tmp_path, act)
