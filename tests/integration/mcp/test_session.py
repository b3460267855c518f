"""Calls on real servers that behave, and what a session knows about them."""

import asyncio
import json
import time
from pathlib import Path

import pytest

from harness.checks.answer import Answer, RpcError
from harness.errors import CallTimeout, ServerUnavailable, SessionLost
from harness.models.server import Server
from tests.conftest import CallLog
from tests.integration.mcp.scene import Scene, play, script


def test_a_call_brings_what_the_server_sent_and_how_long_it_took(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("plain"))
        added = await session.call_tool("add", {"a": 1, "b": 2}, timeout_s=5)
        refused = await session.call_tool("rpc_error", {"code": -32001, "message": "no", "data": [1]}, timeout_s=5)
        failed = await session.call_tool("fail", {"message": "sorry"}, timeout_s=5)

        assert added.answer == Answer(
            result={
                "content": [{"type": "text", "text": "3"}],
                "structuredContent": {"total": 3, "parts": [1, 2]},
            }
        )
        assert refused.answer == Answer(error=RpcError(-32001, "no", [1]))
        assert failed.answer.is_tool_error
        assert added.call_s is not None and 0 < added.call_s < 1
        assert (added.position, refused.position, added.others_in_flight) == (0, 1, 0)
        assert added.size_bytes > 50

    play(tmp_path, act)


def test_members_that_the_sdk_does_not_know_reach_the_checks(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("liar"))
        observation = await session.call_tool("go", {"way": "extra_members"}, timeout_s=5)
        assert observation.answer.result is not None
        assert observation.answer.result["vendor"] == {"a": [1, None]}
        assert observation.answer.result["ttlMs"] == -1

    play(tmp_path, act)


def test_a_session_knows_its_server(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("plain"))
        assert session.alive
        assert session.capabilities == {"tools": {}}
        assert session.tools is not None and "echo" in session.tools
        assert (session.facts.server_name, session.facts.server_version) == ("plain", "1.2.3")
        assert session.facts.protocol_version == "2025-11-25"
        other = await scene.open(script("plain"))
        assert other.session_id != session.session_id

    play(tmp_path, act)


@pytest.mark.parametrize("revision", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_the_revision_that_the_suite_names_is_offered(tmp_path: Path, revision: str) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("plain", protocol_version=revision))
        assert session.facts.protocol_version == revision
        await session.call_tool("echo", {"text": "x"}, timeout_s=5)

    play(tmp_path, act)


def test_a_revision_without_handshake_is_refused_by_name(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        with pytest.raises(ServerUnavailable, match=r"2026-07-28.*2025-11-25"):
            await scene.open(script("plain", protocol_version="2026-07-28"))

    play(tmp_path, act)


@pytest.mark.parametrize(
    ("way", "tools", "note"),
    [
        ("three", {"t0", "t1", "t2"}, ""),
        ("circle", {"t0", "t1", "t2"}, "repeats a cursor"),
        ("endless", None, "more than 100 pages"),
        ("error", None, "no list today"),
        ("invalid", {"go", "no_schema"}, "tools/list is not valid"),
        ("none", None, ""),
    ],
)
def test_tools_are_listed_once_with_all_pages(tmp_path: Path, way: str, tools: set[str] | None, note: str) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("pages", way))
        assert session.tools == (None if tools is None else frozenset(tools))
        notes = session.notes()
        assert len(notes) == (1 if note else 0) and note in "".join(notes)
        answer = (await session.call_tool("go", {}, timeout_s=5)).answer
        assert answer.result == {"content": [{"type": "text", "text": "gone"}]}

    play(tmp_path, act)


def test_a_tool_that_owes_structured_content_and_brings_none_is_noted(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("pages", "invalid"))
        session.notes()
        observation = await session.call_tool("go", {}, timeout_s=5)
        assert observation.answer.result is not None
        assert session.notes() == ("declares an outputSchema and returned no structuredContent: go",)

    play(tmp_path, act)


def test_capabilities_are_what_the_server_sent(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("pages", "none"))
        assert session.capabilities == {"prompts": {}, "vendor": {"x": 1}}

    play(tmp_path, act)


def test_each_call_reaches_the_server_once_and_each_session_is_one_process(tmp_path: Path, call_log: CallLog) -> None:
    async def act(scene: Scene) -> None:
        server = script("plain", env={"MCP_CALL_LOG": str(call_log.path)})
        sessions = [await scene.open(server) for _ in range(2)]
        for session in sessions:
            for _ in range(5):
                await session.call_tool("echo", {"text": "x"}, timeout_s=5)

    play(tmp_path, act)
    assert call_log.calls() == 10
    assert len(call_log.starts()) == 2


def test_sixteen_sessions_at_once_do_not_mix(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        async def one(number: int) -> list[str]:
            session = await scene.open(script("plain"))
            calls = [session.call_tool("echo", {"text": f"{number}-{turn}"}, timeout_s=20) for turn in range(8)]
            found = await asyncio.gather(*calls)
            assert max(each.others_in_flight for each in found) == 7
            await session.close()
            return [each.answer.result["content"][0]["text"] for each in found if each.answer.result]

        texts = await asyncio.gather(*(one(number) for number in range(16)))
        assert texts == [[f"{number}-{turn}" for turn in range(8)] for number in range(16)]

    play(tmp_path, act)


def test_latency_is_measured_beside_the_server_even_while_the_loop_stands_still(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("plain"))
        call = asyncio.create_task(session.call_tool("sleep", {"seconds": 0.05}, timeout_s=0.4))
        await asyncio.sleep(0.02)
        time.sleep(0.6)  # noqa: ASYNC251 - the loop stands still, beyond the time limit even
        observation = await call
        assert observation.call_s is not None and 0.049 < observation.call_s < 0.2
        assert observation.our_delay_s > 0.3

    play(tmp_path, act)


def test_a_server_that_hangs_is_killed_and_reported_as_a_timeout(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("plain"))
        await session.call_tool("complain", {"line": "getting tired"}, timeout_s=5)
        started = time.monotonic()
        with pytest.raises(CallTimeout) as caught:
            await session.call_tool("sleep", {"seconds": 60}, timeout_s=0.3)
        assert 0.3 <= time.monotonic() - started < 1.0
        assert caught.value.message == "no answer within 0.3 s"
        assert caught.value.stderr_tail == "getting tired"
        assert not session.alive
        with pytest.raises(SessionLost):
            await session.call_tool("echo", {"text": "x"}, timeout_s=5)

    play(tmp_path, act)


def test_a_server_that_dies_in_a_call_tells_how(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("plain"))
        started = time.monotonic()
        with pytest.raises(SessionLost) as caught:
            await session.call_tool("die", {"code": 7}, timeout_s=30)
        assert time.monotonic() - started < 5
        assert caught.value.message == "the server ended during the call (exit code 7)"
        assert (caught.value.exit_text, caught.value.stderr_tail) == ("exit code 7", "about to die")
        assert not session.alive

    play(tmp_path, act)


def test_all_calls_in_flight_learn_that_their_server_died(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("plain"))
        calls = [session.call_tool("die", {}, timeout_s=30), session.call_tool("echo", {"text": "x"}, timeout_s=30)]
        ends = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(end) for end in ends] == [SessionLost, SessionLost]

    play(tmp_path, act)


def test_arguments_that_are_no_json_are_not_the_servers_fault(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("plain"))
        with pytest.raises(ValueError):
            await session.call_tool("echo", {"text": "\ud800"}, timeout_s=5)
        await session.call_tool("echo", {"text": "x"}, timeout_s=5)

    play(tmp_path, act)


def test_a_cancelled_call_ends_its_server(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("plain"))
        call = asyncio.create_task(session.call_tool("sleep", {"seconds": 60}, timeout_s=60))
        await asyncio.sleep(0.05)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert not session.alive

    play(tmp_path, act)


@pytest.mark.parametrize(
    ("server", "message", "stderr"),
    [
        (Server(command="no-such-program"), "started: 'no-such-program': No such file or directory on PATH, which", ""),
        (Server(command="./no-such-program"), "No such file or directory; a relative path starts in the server's", ""),
        (Server(command="sh -c true"), "'sh -c true': No such file or directory on PATH.* belong in 'args'", ""),
        (Server(command="/etc/passwd"), "cannot be started: '/etc/passwd': Permission denied", ""),
        (Server(command="sh", working_dir="no/such"), "cannot be started: working directory .*: No such file", ""),
        (Server(command="sh", working_dir="../.."), "not a path inside the sandbox", ""),
        (Server(command="sh", args=("a\0b",)), "NUL", ""),
        (Server(command="sh", args=("-c", "echo oh dear >&2; exit 3")), r"ended before .*\(exit code 3\)", "oh dear"),
        (Server(command="sh", args=("-c", "kill -SEGV $$")), r"ended before .*\(SIGSEGV\)", ""),
        (Server(command="cat"), "refused initialize", ""),
        (
            Server(command="yes"),
            r"not initialise within 0.4 s; wrote to stdout what is not JSON-RPC \(\d+ times\): y",
            "",
        ),
        (Server(command="sleep", args=("60",)), "did not initialise within 0.4 s", ""),
    ],
    ids=lambda value: value.command if isinstance(value, Server) else "",
)
def test_a_server_that_cannot_be_used_says_why(tmp_path: Path, server: Server, message: str, stderr: str) -> None:
    async def act(scene: Scene) -> None:
        with pytest.raises(ServerUnavailable, match=message) as caught:
            await scene.open(server.model_copy(update={"startup_timeout_seconds": 0.4}))
        assert caught.value.stderr_tail == stderr

    play(tmp_path, act)


def test_opening_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        opening = asyncio.create_task(scene.open(Server(command="sleep", args=("60",))))
        await asyncio.sleep(0.1)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening

    play(tmp_path, act)


def test_a_server_gets_its_sandbox_and_an_environment_built_from_nothing(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        (scene.sandbox.path / "inner").mkdir()
        server = script("mirror", "${sandbox}/x", env={"WHERE": "${sandbox}", "EMPTY": ""}, working_dir="inner")
        session = await scene.open(server)
        answer = (await session.call_tool("go", {}, timeout_s=5)).answer
        assert answer.result is not None
        seen = json.loads(answer.result["content"][0]["text"])
        sandbox = str(scene.sandbox.path)
        assert seen["env"] == {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": sandbox,
            "TMPDIR": str(scene.sandbox.tmp),
            "LANG": "C.UTF-8",
            "WHERE": sandbox,
            "EMPTY": "",
        }
        assert (seen["cwd"], seen["argv"]) == (f"{sandbox}/inner", [f"{sandbox}/x"])

    play(tmp_path, act)


def test_what_the_server_asks_of_its_client_is_answered(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("asking"))
        answer = (await session.call_tool("go", {}, timeout_s=5)).answer
        assert answer.result is not None
        assert json.loads(answer.result["content"][0]["text"]) == {
            "ping": {},
            "sampling/createMessage": -32600,
            "roots/list": -32600,
            "no/such": -32601,
        }

    play(tmp_path, act)
