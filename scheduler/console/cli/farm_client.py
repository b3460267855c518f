"""Owns the conversation with a farm's API: files up, a run in, its events and its report back.

It knows no display. Idempotent requests are repeated when the connection fails; submitting is not.
"""

import contextlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter

from harness.errors import (
    BlobMissing,
    FarmUnreachable,
    RunMissing,
    UsageError,
)
from harness.models.looking_back import RunDifference, TestHistory
from harness.models.run import (
    CancelRequest,
    RunEvent,
    RunReport,
    RunRequest,
    RunStatus,
    RunView,
    TestReport,
    WorkerView,
)
from scheduler.console.cli.event_stream import run_events
from scheduler.console.cli.farm_answers import AWAY, checked, parsed
from scheduler.run_names import runs_back

TRIES, FIRST_PAUSE_S = 3, 0.2
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
STREAM_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
KEY = re.compile("[!-~]+")
KEY_HINT = "set MCPF_KEY, or pass --key, which others on this machine can see"

RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
MAX_RUNS, MAX_REASON = 500, 300
"""What a farm lists at a time, and keeps of a reason."""

_VIEW, _RUNS, _REPORT = TypeAdapter(RunView), TypeAdapter(tuple[RunView, ...]), TypeAdapter(RunReport)
_DIFFERENCE, _HISTORY = TypeAdapter(RunDifference), TypeAdapter(TestHistory)
_STATUS, _WORKERS, _TEST = TypeAdapter(RunStatus), TypeAdapter(tuple[WorkerView, ...]), TypeAdapter(TestReport)


class FarmClient:
    """One farm at `url`, spoken to with `key`. A context manager; safe for two threads, as httpx's client is."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url, self._pause = farm_url(url), pause
        self._http = httpx.Client(
            base_url=self._url,
            headers={"Authorization": f"Bearer {farm_key(key)}"},
            timeout=TIMEOUT,
            transport=transport,
            trust_env=not _is_loopback(self._url),  # a proxy cannot reach our own machine
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def upload(self, contents: Mapping[str, bytes | Path]) -> int:
        """Store the blobs that the farm lacks; how many those were."""
        missing = [digest for digest in contents if not self._has(digest)]
        for digest in missing:
            content = contents[digest]
            body = content if isinstance(content, bytes) else content.read_bytes()
            checked(self._repeated("PUT", f"/v1/blobs/{digest}", content=body))
        return len(missing)

    def blob(self, digest: str) -> bytes:
        """A blob that the key may read. BlobMissing."""
        answer = self._repeated("GET", f"/v1/blobs/{quote(digest, safe='')}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise BlobMissing(f"no blob {digest[:80]} on the farm")
        return checked(answer).content

    def submit(self, request: RunRequest) -> RunView:
        """Begin a run. SuiteErrors, NothingSelected or UsageError when the farm finds the request wanting."""
        answer = self._once("POST", "/v1/runs", json=request.model_dump(mode="json"))
        return parsed(_VIEW, checked(answer))

    def view(self, run_id: str) -> RunView:
        """A run in brief."""
        return parsed(_VIEW, checked(self._repeated("GET", f"/v1/runs/{run_id}")))

    def runs(self, limit: int) -> tuple[RunView, ...]:
        """The newest runs that the key may see, the newest first."""
        return parsed(_RUNS, checked(self._repeated("GET", "/v1/runs", params={"limit": limit})))

    def find(self, name: str) -> RunView:
        """The run that `name` means: `last`, `last~1`, an id, or the beginning of a newer run's id. RunMissing."""
        back = runs_back(name)
        if RUN_ID.fullmatch(name) and back is None:
            with contextlib.suppress(RunMissing):
                return self.view(name)
        newest = self.runs(MAX_RUNS if back is None else min(back + 1, MAX_RUNS))
        if back is not None:
            found = newest[back : back + 1]
        else:
            found = tuple(view for view in newest if name and view.run_id.startswith(name))
        if len(found) == 1:
            return found[0]
        several = "is the beginning of several runs; give more of the id" if found else "is no run on this farm"
        raise RunMissing(f"'{name[:80]}' {several}")

    def cancel(self, run_id: str, reason: str = "") -> None:
        """Ask for the end of a run, and give a reason that is kept with it."""
        body = CancelRequest(reason=reason[:MAX_REASON]).model_dump(mode="json")
        checked(self._repeated("POST", f"/v1/runs/{run_id}/cancel", json=body))

    def report(self, run_id: str) -> RunReport:
        """All that the farm knows of a run."""
        return parsed(_REPORT, checked(self._repeated("GET", f"/v1/runs/{run_id}/report")))

    def status(self, run_id: str) -> RunStatus:
        """How a run stands now."""
        return parsed(_STATUS, checked(self._repeated("GET", f"/v1/runs/{run_id}/status")))

    def test(self, run_id: str, name: str) -> TestReport:
        """One test of a run with all its attempts; `name` is a number, an id, or the end of one. NoSuchTest."""
        return parsed(_TEST, checked(self._repeated("GET", f"/v1/runs/{run_id}/tests", params={"test": name})))

    def difference(self, before: str, after: str) -> RunDifference:
        """What is different between two runs."""
        return parsed(_DIFFERENCE, checked(self._repeated("GET", f"/v1/runs/{before}/difference/{after}")))

    def history(self, test: str, limit: int) -> TestHistory:
        """What became of a test in the newest runs that had it. NoSuchTest."""
        return parsed(_HISTORY, checked(self._repeated("GET", "/v1/history", params={"test": test, "limit": limit})))

    def workers(self) -> tuple[WorkerView, ...]:
        """The farm's workers, by name."""
        return parsed(_WORKERS, checked(self._repeated("GET", "/v1/workers")))

    def events(self, run_id: str, after: int, on_open: Callable[[], None] = lambda: None) -> Iterator[RunEvent]:
        """Events numbered above `after`, over one connection, until the farm or the network ends it.

        `on_open` is called when the farm has accepted to tell them.
        """
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
        try:
            with self._http.stream(
                "GET", f"/v1/runs/{run_id}/events", headers=headers, timeout=STREAM_TIMEOUT
            ) as answer:
                if answer.status_code != httpx.codes.OK:
                    answer.read()
                stream = checked(answer).iter_bytes()
                on_open()
                yield from run_events(stream)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def _has(self, digest: str) -> bool:
        answer = self._repeated("HEAD", f"/v1/blobs/{digest}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return False
        checked(answer)
        return True

    def _repeated(self, method: str, path: str, **body: Any) -> httpx.Response:
        for attempt in range(TRIES - 1):
            try:
                answer = self._once(method, path, **body)
                if answer.status_code not in AWAY:
                    return answer
            except FarmUnreachable:
                pass
            self._pause(FIRST_PAUSE_S * 2**attempt)
        return self._once(method, path, **body)

    def _once(self, method: str, path: str, **body: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **body)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: httpx.TransportError) -> FarmUnreachable:
        reason = str(error) or type(error).__name__
        if _is_refused(error):
            reason = "nothing listens there; `mcp-test-harness serve` brings up a farm, --farm names another"
        return FarmUnreachable(f"the farm at {self._url} does not answer: {reason}")


def farm_url(text: str) -> str:
    """`text` without its last slash; UsageError when it is not an http or https address."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise UsageError(f"--farm {text}: {error}") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise UsageError(f"--farm {text}: expected an address like https://farm.example.com")
    return text.rstrip("/")


def farm_key(text: str) -> str:
    """`text`; UsageError, which never shows it, when it is no key."""
    if not text:
        raise UsageError(f"no key given for the farm; {KEY_HINT}")
    if not KEY.fullmatch(text):
        raise UsageError(
            "the key for the farm holds characters that no key has (a line end, a space, or outside ASCII); copy it "
            f"again: {KEY_HINT}"
        )
    return text


def _is_refused(error: BaseException | None) -> bool:
    """True when a connection was refused, which httpx says in the last of its causes only."""
    while error is not None and not isinstance(error, ConnectionRefusedError):
        error = error.__cause__ or error.__context__
    return error is not None


def _is_loopback(url: str) -> bool:
    host = httpx.URL(url).host
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
