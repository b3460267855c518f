"""Servers over HTTP that lie, flood, or are gone: what a session makes of them."""

import asyncio
import resource
import sys
import time
from pathlib import Path

import pytest

from harness.errors import CallTimeout, ProtocolFault, ServerUnavailable, SessionLost
from harness.mcp.endpoint import Endpoint
from harness.mcp.local_port import free_port, until_it_listens
from harness.models.server import Server
from tests.integration.mcp.scene import SERVERS, Scene, over_http, play

FINE = {"content": [{"type": "text", "text": "fine"}]}
NOTES = {
    "json": "",
    "charset": "",
    "events": "",
    "packed": "",
    "packed_events": "",
    "notes_first": "",
    "in_lines": "",
    "never_ending": "",
    "string_id": "answered with the id as a string: 'ID'",
    "twice": "answered a request more than once: id ID",
    "wrong_id_first": "answered with an id that was never asked: 9999",
    "noise_first": "sent what is not JSON-RPC: Listening on port 3000... (not a JSON object)",
    "odd_event": "sent an event of a kind that the protocol does not have: endpoint",
}
FAULTS = {
    "401": 'HTTP 401 Unauthorized (it asks for Bearer realm="x"); '
    "give 'bearer_token' or 'headers' that it accepts; it begins with who are you?",
    "405": "HTTP 405 Method Not Allowed",
    "500": "HTTP 500 Internal Server Error; it begins with <html><body>Bad gateway</body></html>",
    "302": "HTTP 302 Found: it redirects to http://169.254.169.254/latest, which is not followed; "
    "give that as 'url' if it is meant",
    "202": "HTTP 202 Accepted without an answer, although a request was sent",
    "204": "HTTP 204 No Content without an answer, although a request was sent",
    "empty": "HTTP 200 OK without an answer, although a request was sent",
    "html": "its answer must have the content type application/json or text/event-stream, not 'text/html'; "
    "it begins with <html><body>Bad gateway</body></html>",
    "no_type": "its answer must have the content type application/json or text/event-stream, not none; it begins with ",
    "wrong_id": "its answer is not to the request that was made",
    "null_id": "it answered with an error that names no request: cannot parse",
    "batch": "its answer is not valid: not a JSON object; it begins with [",
    "list_result": "its answer is not valid: result: Input should be a valid dictionary",
    "bad_utf8": r"\xff\xfe",
    "nan": "NaN or Infinity, which JSON does not have",
    "nan_event": "NaN or Infinity, which JSON does not have",
    "deep": "recursion limit",
    "big": "it sent a body of more than 1048576 bytes",
    "bomb": "it sent a body of more than 1048576 bytes",
    "bomb_of_events": "it sent a body of more than 4194304 bytes",
    "brotli": "its body is packed as 'br', which was not asked for",
    "not_packed": "its body cannot be unpacked",
    "packed_in_part": "its packed body ends too early",
    "no_answer": "its stream of events ended without an answer",
    "no_event": "its stream of events ended without an answer",
    "endless_event": "it sent an event of more than 1048576 bytes",
    "endless_line": "it sent an event of more than 1048576 bytes",
    "headers": "its HTTP headers are longer than 100 KiB",
    "no_http": "its answer is not valid HTTP: ",
}
LOST = {
    "404": "the server ended during the call (it no longer knows its session: HTTP 404 Not Found)",
    "closed": "the server ended during the call (its connection broke: Server disconnected without ",
    "reset": "the server ended during the call (its connection broke)",
    "body_in_part": "the server ended during the call (its connection broke: peer closed connection without sending ",
    "died": "the server ended during the call (exit code 7)",
}


def test_an_answer_is_one_however_it_is_packed_and_what_is_odd_is_noted(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(over_http("http_liar"))
        for number, (way, note) in enumerate(NOTES.items()):
            observation = await session.call_tool("go", {"way": way}, timeout_s=5)
            await session.call_tool("go", {"way": "json"}, timeout_s=5)  # by now what follows the answer has come
            assert (way, observation.answer.result) == (way, FINE)
            assert observation.call_s is not None and observation.position == 2 * number
            assert (way, session.notes()) == (way, (note.replace("ID", str(2 * number + 3)),) if note else ())

    play(tmp_path, act)


def test_a_stream_that_does_not_end_after_its_answer_is_left(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(over_http("http_liar"))
        await session.call_tool("go", {"way": "never_ending"}, timeout_s=5)
        answer = (await session.call_tool("go", {"way": "left_alone"}, timeout_s=15)).answer
        assert answer.result == {"content": [{"type": "text", "text": "True"}]}

    play(tmp_path, act)


def test_an_answer_that_is_none_fails_its_call_at_once_and_the_session_lives(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(over_http("http_liar", max_response_mb=1))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for way, message in FAULTS.items():
            started = time.monotonic()
            with pytest.raises(ProtocolFault) as caught:
                await session.call_tool("go", {"way": way}, timeout_s=30)
            assert time.monotonic() - started < 8, way
            assert message in caught.value.message, way
            assert caught.value.message.isprintable() and len(caught.value.message) < 600
            assert session.alive, way
            assert (await session.call_tool("go", {"way": "json"}, timeout_s=5)).answer.result == FINE
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000

    play(tmp_path, act)


@pytest.mark.parametrize(("way", "message"), LOST.items())
def test_a_connection_that_breaks_loses_its_session_and_says_how(tmp_path: Path, way: str, message: str) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(over_http("http_liar"))
        with pytest.raises(SessionLost) as caught:
            await session.call_tool("go", {"way": way}, timeout_s=30)
        assert caught.value.message.startswith(message)
        assert not session.alive
        assert (way == "died") == (caught.value.stderr_tail == "about to die")

    play(tmp_path, act)


@pytest.mark.parametrize("way", ["drip", "sleep"])
def test_a_server_that_does_not_answer_is_killed_in_time(tmp_path: Path, way: str) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(over_http("http_liar"))
        started = time.monotonic()
        with pytest.raises(CallTimeout, match=r"no answer within 0\.3 s"):
            await session.call_tool("go", {"way": way}, timeout_s=0.3)
        assert 0.3 <= time.monotonic() - started < 1.2
        assert not session.alive

    play(tmp_path, act)


def test_a_request_may_have_less_time_than_its_test(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(over_http("http_liar", request_timeout_seconds=0.2))
        with pytest.raises(CallTimeout, match=r"no answer within 0\.2 s"):
            await session.call_tool("go", {"way": "sleep"}, timeout_s=30)

    play(tmp_path, act)


def test_an_error_with_a_status_of_its_own_is_an_answer(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(over_http("http_liar"))
        answer = (await session.call_tool("go", {"way": "error_400"}, timeout_s=5)).answer
        assert answer.error is not None and (answer.error.code, answer.error.message) == (-32602, "no such thing")
        assert session.notes() == ("sent an answer with HTTP 400 Bad Request",)

    play(tmp_path, act)


def test_calls_at_once_are_not_mixed(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(over_http("http_witness"))
        calls = [session.call_tool("go", {"number": number}, timeout_s=10) for number in range(16)]
        found = await asyncio.gather(*calls)
        assert [each.answer.result["structuredContent"]["number"] for each in found if each.answer.result] == [
            *range(16)
        ]
        assert max(each.others_in_flight for each in found) == 15

    play(tmp_path, act)


def test_every_request_carries_what_the_suite_and_the_protocol_want_and_nothing_else(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        visits = tmp_path / "visits"
        server = over_http(
            "http_witness",
            env={"PORT": "${port}", "VISITS": str(visits)},
            headers={"X-Team": "blue"},
            bearer_token="s3cret",
            protocol_version="2025-06-18",
        )
        session = await scene.open(server)
        await session.call_tool("go", {}, timeout_s=5)
        answer = (await session.call_tool("go", {}, timeout_s=5)).answer
        said = {
            "Authorization": "Bearer s3cret",
            "X-Team": "blue",
            "Mcp-Session-Id": "session-1",
            "Mcp-Protocol-Version": "2025-06-18",
        }
        assert answer.result is not None
        assert answer.result["structuredContent"]["headers"] == {
            **said,
            "Accept": "application/json, text/event-stream",
        }, "no cookie either"
        await session.close()
        first, *between, last = visits.read_text().splitlines()
        assert first == "POST /mcp " + str(
            {"Authorization": "Bearer s3cret", "X-Team": "blue", "Accept": "application/json, text/event-stream"}
        )
        assert sorted(line.split()[0] for line in between) == ["GET", "POST", "POST"]
        assert last == "DELETE /mcp " + str(
            {"Authorization": "Bearer s3cret", "X-Team": "blue", "Accept": "text/event-stream", **said}
        )

    play(tmp_path, act)


def test_what_a_server_says_by_itself_is_heard_also_when_its_stream_is_opened_again(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        visits = tmp_path / "visits"
        server = over_http("http_witness", "streams", env={"PORT": "${port}", "VISITS": str(visits)})
        session = await scene.open(server)
        with session.listening("notifications/resources/updated") as heard:
            await session.call_tool("go", {}, timeout_s=5)
            assert await asyncio.wait_for(heard.get(), 5) == {"uri": "note://1"}
        gets = [line for line in visits.read_text().splitlines() if line.startswith("GET")]
        assert ["'Last-Event-Id': 'e1'" in line for line in gets[:2]] == [False, True]

    play(tmp_path, act)


def test_an_answer_is_fetched_when_the_server_lets_its_client_come_back_for_it(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(over_http("http_witness", "comes_later"))
        for number in (1, 2):
            answer = (await session.call_tool("go", {"number": number}, timeout_s=5)).answer
            assert answer.result is not None and answer.result["structuredContent"]["number"] == number
        assert session.notes() == ()

    play(tmp_path, act)


def test_a_server_that_invites_its_client_and_then_does_not_know_it_is_at_fault(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        visits = tmp_path / "visits"
        server = over_http("http_witness", "never_comes", env={"PORT": "${port}", "VISITS": str(visits)})
        session = await scene.open(server)
        with pytest.raises(ProtocolFault) as caught:
            await session.call_tool("go", {}, timeout_s=5)
        ended = "its stream of events ended without an answer"
        assert caught.value.message == f"{ended}, and cannot be opened again: HTTP 405 Method Not Allowed"
        assert visits.read_text().count("Last-Event-Id") == 1, "it is asked once"

    play(tmp_path, act)


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("401", "initialize: HTTP 401 Unauthorized; give 'bearer_token' or 'headers' that it accepts"),
        ("redirect", "initialize: HTTP 307 Temporary Redirect: it redirects to /elsewhere, which is not followed"),
        ("bad_session", "initialize: its session id is longer than 1024 characters, or has others than visible ASCII"),
    ],
)
def test_a_server_that_cannot_be_used_over_http_says_why(tmp_path: Path, way: str, message: str) -> None:
    async def act(scene: Scene) -> None:
        with pytest.raises(ServerUnavailable) as caught:
            await scene.open(over_http("http_witness", way))
        assert caught.value.message.startswith(f"the server cannot be used: {message}")

    play(tmp_path, act)


def test_a_stream_that_is_refused_in_the_wrong_way_is_noted(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        session = await scene.open(over_http("http_witness", "get_400"))
        await session.call_tool("go", {}, timeout_s=5)
        assert session.notes() == ("must answer GET with a stream of events, or with HTTP 405: HTTP 400 Bad Request",)

    play(tmp_path, act)


def test_a_server_that_runs_already_is_reached_and_left_alone(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        visits = tmp_path / "visits"
        port = free_port()
        command = [sys.executable, "-E", "-S", str(SERVERS / "http_witness.py")]
        running = await scene.keep(*command, env={"PORT": str(port), "VISITS": str(visits)})
        url = f"http://127.0.0.1:{port}/mcp"
        await until_it_listens(running, Endpoint(url, {}, 1.0, 1), time.monotonic() + 10)
        first, second = [await scene.open(Server(url=url)) for _ in range(2)]
        assert first.session_id != second.session_id and first.pid == 0
        await first.measure()
        assert first.usage() is None
        with pytest.raises(CallTimeout):
            await first.call_tool("go", {}, timeout_s=0.0001)
        assert not first.alive
        assert (await second.call_tool("go", {}, timeout_s=5)).answer.result is not None
        await asyncio.gather(first.close(), second.close())
        assert running.alive
        assert [line.split()[0] for line in visits.read_text().splitlines()].count("DELETE") == 2

    play(tmp_path, act)


@pytest.mark.parametrize(
    ("server", "message"),
    [
        (Server(url="http://127.0.0.1:9/mcp"), "http://127.0.0.1:9/mcp cannot be reached: "),
        (Server(url="http://no-such-host.invalid/mcp"), "http://no-such-host.invalid/mcp cannot be reached: "),
        (
            Server(command="sh", args=("-c", "echo oh dear >&2; exit 3"), url="http://127.0.0.1:${port}/"),
            "it ended (exit code 3) before it listened at http://127.0.0.1:",
        ),
        (
            Server(command="sleep", args=("60",), url="http://127.0.0.1:${port}/", startup_timeout_seconds=0.2),
            "nothing listens in time at http://127.0.0.1:",
        ),
    ],
    ids=lambda value: (value.command or value.url) if isinstance(value, Server) else "",
)
def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path, server: Server, message: str) -> None:
    async def act(scene: Scene) -> None:
        with pytest.raises(ServerUnavailable) as caught:
            await scene.open(server)
        assert caught.value.message.startswith(f"the server cannot be used: {message}")
        assert ("oh dear" in caught.value.stderr_tail) == (server.command == "sh")

    play(tmp_path, act)
