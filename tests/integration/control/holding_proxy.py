"""A TCP address that leads to a Redis on a Unix socket, and keeps acknowledgements back as if the network had."""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

XACK = b"\r\nXACK\r\n"


class HoldingProxy(socketserver.ThreadingTCPServer):
    """Relays both ways until an XACK comes: that request never arrives, and `held` is set."""

    def __init__(self, redis_socket: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Relay)
        self.redis_socket = redis_socket
        self.held = threading.Event()

    @property
    def port(self) -> int:
        """Where it listens on the loopback address."""
        return int(self.server_address[1])


class _Relay(socketserver.BaseRequestHandler):
    server: HoldingProxy
    request: socket.socket

    def handle(self) -> None:
        with socket.socket(socket.AF_UNIX) as redis:
            redis.connect(str(self.server.redis_socket))
            answers = threading.Thread(target=_pump, args=(redis, self.request))
            answers.start()
            for chunk in _chunks(self.request):
                if XACK in chunk:
                    self.server.held.set()
                else:
                    redis.sendall(chunk)
            redis.shutdown(socket.SHUT_RDWR)
            answers.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):  # who asked is dead
        for chunk in _chunks(source):
            sink.sendall(chunk)


def _chunks(source: socket.socket) -> Iterator[bytes]:
    with contextlib.suppress(ConnectionResetError):
        while chunk := source.recv(65536):
            yield chunk


@contextmanager
def holding_proxy(redis_socket: Path) -> Iterator[HoldingProxy]:
    """A proxy that listens. Its clients must have ended when it is left: it waits for them."""
    with HoldingProxy(redis_socket) as proxy:
        listener = threading.Thread(target=proxy.serve_forever, args=(0.05,))
        listener.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            listener.join()
