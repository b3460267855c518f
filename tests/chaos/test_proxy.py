"""The proxy is as bad a network as it is told to be, and a good one otherwise."""

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from tests.chaos.proxy import Mode, Proxy, Trap
from tests.waiting import wait_until


class Echo(socketserver.BaseRequestHandler):
    """Sends back what comes, and remembers it."""

    def handle(self) -> None:
        while chunk := self.request.recv(1024):
            self.server.heard.append(chunk)  # type: ignore[attr-defined]  # ours, below
            self.request.sendall(chunk)


class EchoServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.heard: list[bytes] = []

    def handle_error(self, *_: object) -> None:
        """Connections are reset here on purpose."""


@pytest.fixture
def echo() -> Iterator[EchoServer]:
    with EchoServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(echo: EchoServer) -> Iterator[Proxy]:
    with Proxy(echo.server_address[1]) as running:
        yield running


@pytest.fixture
def client(proxy: Proxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as connected:
        connected.sendall(b"hello")
        assert connected.recv(5) == b"hello"
        yield connected


def test_a_hung_network_moves_nothing_until_it_is_fine_again(
    proxy: Proxy, client: socket.socket, echo: EchoServer
) -> None:
    proxy.become(Mode.HUNG)
    client.sendall(b"later")
    client.settimeout(0.2)
    with pytest.raises(TimeoutError):
        client.recv(5)
    assert echo.heard == [b"hello"]
    proxy.become(Mode.FINE)
    client.settimeout(10)
    assert client.recv(5) == b"later"


def test_a_half_open_network_brings_requests_and_no_answers(
    proxy: Proxy, client: socket.socket, echo: EchoServer
) -> None:
    proxy.become(Mode.HALF_OPEN)
    client.sendall(b"asked")
    wait_until(lambda: echo.heard == [b"hello", b"asked"])
    client.settimeout(0.2)
    with pytest.raises(TimeoutError):
        client.recv(5)


def test_a_slow_network_brings_everything(proxy: Proxy, client: socket.socket) -> None:
    proxy.become(Mode.SLOW, 0.01)
    client.sendall(b"slow")
    assert client.recv(4) == b"slow"


def test_a_network_that_is_down_resets_old_and_new_connections(proxy: Proxy, client: socket.socket) -> None:
    proxy.become(Mode.DOWN)
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    with (
        pytest.raises(ConnectionResetError),  # as early as in connect
        socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as late,
    ):
        late.recv(1)


def test_a_reset_spares_new_connections(proxy: Proxy, client: socket.socket) -> None:
    proxy.reset()
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as late:
        late.sendall(b"fine")
        assert late.recv(4) == b"fine"


def test_a_trap_holds_back_the_one_request_that_it_is_set_for(
    proxy: Proxy, client: socket.socket, echo: EchoServer
) -> None:
    caught: list[int] = []
    proxy.set_trap(Trap(b"KILL", b"me", lambda port: port == client.getsockname()[1], caught.append))
    client.sendall(b"KILL you")
    assert client.recv(8) == b"KILL you"
    client.sendall(b"KILL me")
    assert client.recv(1) == b""
    assert caught == [client.getsockname()[1]]
    assert b"KILL me" not in echo.heard
