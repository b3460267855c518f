"""Clients that hang up in the middle, with a reset: no news for anybody's log."""

import logging
import socket
import struct
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from harness.suites.bundle import PackedBundle
from tests.integration.api.conftest import Api
from tests.waiting import wait_until

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of no time: closing sends a reset at once."""


def send(api: Api, head: str, body: bytes = b"") -> socket.socket:
    """An open connection on which this was sent, with the admin key."""
    address = urlsplit(api.url)
    connection = socket.create_connection((address.hostname or "", address.port or 0), timeout=10)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    connection.sendall(f"{head}\r\nHost: farm\r\nAuthorization: Bearer {api.key}\r\n\r\n".encode() + body)
    return connection


@pytest.fixture
def open_requests(api: Api) -> Callable[[], int]:
    """How many requests the server is at."""
    return lambda: len(api.server.server_state.tasks)


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line.getMessage() for line in caplog.records if line.exc_info or line.levelno >= logging.WARNING]


def test_a_reader_of_events_that_hangs_up_leaves_no_traceback(
    api: Api, bundle: PackedBundle, open_requests: Callable[[], int], caplog: pytest.LogCaptureFixture
) -> None:
    run = api.start(bundle)
    with send(api, f"GET /v1/runs/{run.run_id}/events HTTP/1.1") as reader:
        assert reader.recv(100).startswith(b"HTTP/1.1 200")
    wait_until(lambda: open_requests() == 0, 10, "the stream goes on without a reader")
    assert complaints(caplog) == []


def test_a_sender_of_a_blob_that_hangs_up_leaves_neither_traceback_nor_file(
    api: Api, open_requests: Callable[[], int], caplog: pytest.LogCaptureFixture
) -> None:
    with send(api, f"PUT /v1/blobs/{'0' * 64} HTTP/1.1\r\nContent-Length: 1000", b"part"):
        wait_until(lambda: any(api.farm.blobs.root.glob(".incoming-*")), 10, "the blob is not received")
    wait_until(lambda: open_requests() == 0, 10, "the blob is still awaited")
    assert complaints(caplog) == []
    assert not any(api.farm.blobs.root.glob(".incoming-*"))


def test_a_sender_of_a_request_that_hangs_up_leaves_no_traceback(
    api: Api, open_requests: Callable[[], int], caplog: pytest.LogCaptureFixture
) -> None:
    with send(api, "POST /v1/runs HTTP/1.1\r\nContent-Length: 1000\r\nContent-Type: application/json", b"{"):
        wait_until(lambda: open_requests() == 1, 10, "the request is not received")
    wait_until(lambda: open_requests() == 0, 10, "the request is still awaited")
    assert complaints(caplog) == []
