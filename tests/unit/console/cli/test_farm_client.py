"""The conversation with a farm, and what becomes of its refusals."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.errors import (
    BlobMissing,
    FarmError,
    FarmRefused,
    FarmUnreachable,
    NothingSelected,
    Problem,
    RunMissing,
    SuiteErrors,
    UsageError,
)
from harness.models.run import RunRequest, RunState, RunView
from scheduler.console.cli.farm_client import FarmClient, farm_key, farm_url
from tests.unit.console.cli.reports import START

REQUEST = RunRequest(bundle="b" * 64)
VIEW = RunView(run_id="8f2c1a", project="default", state=RunState.RUNNING, created_at=START, total=1, totals={})


class Farm:
    """Answers as told, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]) -> None:
        self.answers, self.asked, self.pauses = list(answers), [], list[float]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path}")
        self.last = request
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer(request)

    def client(self, key: str = "k") -> FarmClient:
        return FarmClient("http://farm/", key, transport=httpx.MockTransport(self), pause=self.pauses.append)


def problem(status: int, word: str, detail: str = "because", **more: Any) -> httpx.Response:
    return httpx.Response(status, json={"type": f"/problems/{word}", "status": status, "detail": detail, **more})


def test_only_missing_blobs_are_sent(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"two")
    farm = Farm(httpx.Response(200), httpx.Response(404), httpx.Response(201))

    assert farm.client().upload({"1" * 64: b"one", "2" * 64: tmp_path / "file"}) == 1
    assert farm.asked == [f"HEAD /v1/blobs/{'1' * 64}", f"HEAD /v1/blobs/{'2' * 64}", f"PUT /v1/blobs/{'2' * 64}"]
    assert farm.last.content == b"two"


def test_the_key_travels_in_the_header() -> None:
    farm = Farm(httpx.Response(201, json=VIEW.model_dump(mode="json")))

    assert farm.client("secret").submit(REQUEST) == VIEW
    assert farm.last.headers["Authorization"] == "Bearer secret"
    assert RunRequest.model_validate_json(farm.last.content) == REQUEST


@pytest.mark.parametrize("key", ["geheim\n", "geheim\r\nX-Other: 1", "schlüssel", "ge heim", "geheim\x7f"])
def test_a_key_that_no_header_can_hold_is_refused_and_never_shown(key: str) -> None:
    farm = Farm()

    with pytest.raises(UsageError, match="characters that no key has") as caught:
        farm.client(key)
    assert not {"geheim", "heim", "schlüssel"} & set(str(caught.value).replace(",", " ").split())
    assert key.split()[0] not in str(caught.value)
    assert farm.asked == []


def test_without_a_key_nothing_is_sent_and_both_ways_to_give_it_are_named() -> None:
    with pytest.raises(UsageError, match="no key given for the farm; set MCPF_KEY, or pass --key"):
        farm_key("")


def test_a_refused_connection_says_that_nothing_listens(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with FarmClient(url, "k") as client, pytest.raises(FarmUnreachable) as caught:
            client.submit(REQUEST)

    assert str(caught.value) == (
        f"the farm at {url} does not answer: nothing listens there; `mcp-test-harness serve` brings up a farm, "
        "--farm names another"
    )


def test_a_submission_is_never_sent_twice() -> None:
    farm = Farm(httpx.ConnectError("refused"))

    with pytest.raises(FarmUnreachable, match="http://farm does not answer: refused"):
        farm.client().submit(REQUEST)
    assert farm.asked == ["POST /v1/runs"]


def test_other_requests_are_repeated_when_the_farm_is_away() -> None:
    farm = Farm(httpx.ConnectError("refused"), problem(503, "unreachable"), httpx.Response(202, json={}))
    farm.client().cancel("8f2c1a")

    assert farm.asked == ["POST /v1/runs/8f2c1a/cancel"] * 3
    assert farm.pauses == [0.2, 0.4]


def test_a_farm_that_stays_away_is_unreachable() -> None:
    farm = Farm(*[httpx.ConnectError("refused")] * 3)

    with pytest.raises(FarmUnreachable):
        farm.client().view("8f2c1a")


@pytest.mark.parametrize(
    ("answer", "error", "exit_code", "text"),
    [
        (problem(422, "nothing-selected"), NothingSelected, 2, "because"),
        (problem(422, "usage"), UsageError, 2, "the farm refuses the request: because"),
        (problem(401, "key"), FarmRefused, 4, "pass --key or set MCPF_KEY"),
        (problem(404, "run-missing"), RunMissing, 2, "because"),
        (problem(403, "forbidden"), FarmRefused, 4, "the farm answers 403: because"),
        (problem(503, "unreachable"), FarmUnreachable, 4, "the farm is not ready"),
        (httpx.Response(200, text="<html>"), FarmUnreachable, 4, "what answers is not a farm"),
        (httpx.Response(301, headers={"Location": "http://x"}), FarmRefused, 4, "the farm answers 301"),
        (httpx.Response(418, text="tea"), FarmRefused, 4, "the farm answers 418"),
        (httpx.Response(500, json=["not", "problem"]), FarmRefused, 4, "Internal Server Error"),
    ],
)
def test_each_refusal_has_its_error(answer: httpx.Response, error: type[FarmError], exit_code: int, text: str) -> None:
    with pytest.raises(error, match=text) as caught:
        Farm(answer).client().submit(REQUEST)
    assert caught.value.exit_code == exit_code


@pytest.mark.parametrize(("name", "found"), [("last", "8f2c1a"), ("last~2", "51c09b"), ("8f2d", "8f2d00"), ("8f2", "")])
def test_a_run_is_found_by_the_beginning_of_its_id(name: str, found: str) -> None:
    newest = [VIEW, *(VIEW.model_copy(update={"run_id": run_id}) for run_id in ("8f2d00", "51c09b"))]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/v1/runs":
            return problem(404, "run-missing")
        limit = int(request.url.params["limit"])
        return httpx.Response(200, json=[view.model_dump(mode="json") for view in newest[:limit]])

    client = Farm(answer, answer).client()
    if found:
        assert client.find(name).run_id == found
    else:
        with pytest.raises(RunMissing, match="'8f2' is the beginning of several runs"):
            client.find(name)


@pytest.mark.parametrize("name", ["", "../keys", "a b", "zz", "last~1", "last~999999999"])
def test_what_names_no_run_is_missing_and_changes_no_address(name: str) -> None:
    answers = {"/v1/runs": httpx.Response(200, json=[VIEW.model_dump(mode="json")])}
    farm = Farm(*[lambda request: answers.get(request.url.path) or problem(404, "run-missing")] * 2)

    with pytest.raises(RunMissing, match="is no run on this farm"):
        farm.client().find(name)
    assert farm.asked[-1] == "GET /v1/runs"


def test_problems_of_suites_keep_their_places() -> None:
    told = {"file": "a.yaml", "line": 3, "column": 5, "message": "unknown key 'tol'", "hint": "did you mean 'tool'?"}

    with pytest.raises(SuiteErrors) as caught:
        Farm(problem(422, "suite-errors", problems=[told, {"message": "b"}, 7])).client().submit(REQUEST)
    assert caught.value.problems == (Problem(**told), Problem("", 0, 0, "b"))


def test_events_resume_after_the_last_one_seen() -> None:
    farm = Farm(httpx.Response(200, content=b'data: {"seq": 8, "kind": "run.finished"}\n\n'))
    opened: list[str] = []

    events = list(farm.client().events("8f2c1a", 7, lambda: opened.append("open")))
    assert [event.seq for event in events] == [8]
    assert farm.last.headers["Last-Event-ID"] == "7"
    assert opened == ["open"]


@pytest.mark.parametrize("text", ["farm.example.com", "ftp://farm", "http://", "http://x:port", ""])
def test_an_address_that_is_none_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        farm_url(text)


def test_a_blob_is_read_and_one_that_is_not_there_is_missing() -> None:
    farm = Farm(httpx.Response(200, content=b"content"), problem(404, "blob-missing"))
    with farm.client() as client:
        assert client.blob("1" * 64) == b"content"
        with pytest.raises(BlobMissing, match="no blob 2222"):
            client.blob("2" * 64)
    assert farm.asked == [f"GET /v1/blobs/{'1' * 64}", f"GET /v1/blobs/{'2' * 64}"]
