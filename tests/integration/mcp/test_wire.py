"""Servers that lie, flood or do not listen: what a session makes of them."""

import asyncio
import resource
import time
from pathlib import Path

import pytest

from harness.errors import CallTimeout, ProtocolFault, SessionLost
from tests.integration.mcp.scene import Scene, play, script

FINE = {"content": [{"type": "text", "text": "fine"}]}
FAULTS = {
    "string_code": "its answer is not valid: error.code: ",
    "string_number_code": "error.code: should be a number",
    "nan": "NaN or Infinity, which JSON does not have",
    "bad_utf8": r"\xff\xfe",
    "lone_surrogate": "not JSON",
    "list_result": "result: Input should be a valid dictionary",
    "result_and_error": "both a result and an error",
    "no_jsonrpc": "jsonrpc: Field required",
    "truncated": "not JSON",
    "deep": "recursion limit",
    "unknown_content": "its result is not valid in revision 2025-11-25: content.0",
    "null_id": "it answered with an error that names no request: cannot parse",
}
NOTES = {
    "string_id": "answered with the id as a string: '3'",
    "twice": "answered a request more than once: id 3",
    "wrong_id_first": "answered with an id that was never asked: 9999",
    "noise_first": r"wrote to stdout what is not JSON-RPC (2 times): Listening on port 3000... (not a JSON object)",
    "json_log_first": 'wrote to stdout what is not JSON-RPC: {"level":"info","id":3,"msg":"called"} (',
    "crlf": "",
}


@pytest.mark.parametrize(("way", "message"), FAULTS.items())
def test_an_answer_that_is_none_fails_its_call_at_once_and_the_session_lives(
    tmp_path: Path, way: str, message: str
) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("liar"))
        started = time.monotonic()
        with pytest.raises(ProtocolFault) as caught:
            await session.call_tool("go", {"way": way}, timeout_s=30)
        assert time.monotonic() - started < 5
        assert message in caught.value.message
        assert caught.value.message.isprintable() and len(caught.value.message) < 600
        assert session.alive
        again = await session.call_tool("go", {"way": "crlf"}, timeout_s=5)
        assert again.answer.result == FINE

    play(tmp_path, act)


@pytest.mark.parametrize(("way", "note"), NOTES.items())
def test_what_does_not_spoil_an_answer_is_noted(tmp_path: Path, way: str, note: str) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("liar"))
        observation = await session.call_tool("go", {"way": way}, timeout_s=5)
        assert observation.answer.result == FINE
        await session.call_tool("go", {"way": "crlf"}, timeout_s=5)  # by now the line after the answer has come
        notes = session.notes()
        assert len(notes) == (1 if note else 0) and "".join(notes).startswith(note)
        assert "".join(notes).isprintable()
        assert session.notes() == ()

    play(tmp_path, act)


def test_an_answer_with_no_end_is_a_fault_and_costs_no_memory(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("liar"))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.monotonic()
        with pytest.raises(ProtocolFault, match="a line of more than 4194304 bytes") as caught:
            await session.call_tool("go", {"way": "endless_line"}, timeout_s=30)
        assert time.monotonic() - started < 5
        assert caught.value.exit_text == "SIGKILL, sent by the farm for breaking a bound"
        assert not session.alive
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000

    play(tmp_path, act)


def test_how_long_a_message_may_be_is_the_suites_choice(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("plain", max_response_mb=0.0625))
        await session.call_tool("big", {"bytes": 65_000}, timeout_s=10)
        with pytest.raises(ProtocolFault, match="a line of more than 65536 bytes"):
            await session.call_tool("big", {"bytes": 66_000}, timeout_s=10)

    play(tmp_path, act)


def test_a_server_that_closes_its_stdout_is_lost_at_once(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("liar"))
        started = time.monotonic()
        with pytest.raises(SessionLost, match="after it had closed a standard stream"):
            await session.call_tool("go", {"way": "close_stdout"}, timeout_s=30)
        assert time.monotonic() - started < 3

    play(tmp_path, act)


def test_twenty_thousand_notifications_harm_nobody(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        flooding, calm = await asyncio.gather(scene.open(script("flood")), scene.open(script("plain")))
        flood = asyncio.create_task(flooding.call_tool("go", {"count": 20_000}, timeout_s=30))
        delays = []
        while not flood.done():
            delays.append((await calm.call_tool("echo", {"text": "x"}, timeout_s=10)).our_delay_s)
        assert (await flood).answer.result == {"content": [{"type": "text", "text": "20000"}]}
        assert delays and max(delays) < 2.0
        (note,) = flooding.notes()
        assert note.startswith("more than 1000 notifications or requests during one call (19000 times)")
        assert len(flooding.stderr_tail()) <= 4000
        assert flooding.stderr_tail().endswith("line 19999 of stderr")

    play(tmp_path, act)


def test_a_server_that_stops_reading_times_out_in_time(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("stuck"))
        await session.call_tool("go", {}, timeout_s=5)
        calls = [session.call_tool("go", {"text": "x" * 200_000}, timeout_s=0.5) for _ in range(5)]
        started = time.monotonic()
        ends = await asyncio.gather(*calls, return_exceptions=True)
        assert 0.5 <= time.monotonic() - started < 1.2
        assert {type(end) for end in ends} <= {CallTimeout, SessionLost} and CallTimeout in {type(end) for end in ends}

    play(tmp_path, act)


def test_a_large_answer_is_prompt(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(script("plain"))
        started = time.monotonic()
        observation = await session.call_tool("big", {"bytes": 3_000_000}, timeout_s=10)
        assert time.monotonic() - started < 2
        assert observation.size_bytes > 3_000_000

    play(tmp_path, act)
