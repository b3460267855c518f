"""A farm for the tests of the command line: `serve` on free ports, and a network that can be cut."""

import re
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.command import COMMAND, environment
from tests.waiting import wait_until


@dataclass(frozen=True)
class ServedFarm:
    """A farm that answers at `url`."""

    url: str
    key: str


@contextmanager
def served_farm(directory: Path) -> Iterator[ServedFarm]:
    """`mcp-test-harness serve` with everything in `directory`."""
    log = directory / "serve.log"
    args = [COMMAND, "serve", "--port", "0", "--metrics-port", "0", "--state-dir", str(directory / "farm")]
    with log.open("wb") as output:
        process = subprocess.Popen(
            args, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment(directory / "unused")
        )
    try:
        wait_until(lambda: _url_in(log) and _answers(_url_in(log)), 40, "serve does not answer")
        key = re.search(r"mcpf_[A-Za-z0-9_-]+", log.read_text())
        assert key, log.read_text()
        yield ServedFarm(_url_in(log), key[0])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _url_in(log: Path) -> str:
    found = re.search(r"farm at (http://[0-9.]+:\d+)", log.read_text())
    return found[1] if found else ""


def _answers(url: str) -> bool:
    host, _, port = url.removeprefix("http://").partition(":")
    with suppress(OSError), socket.create_connection((host, int(port)), 1) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: farm\r\nConnection: close\r\n\r\n")
        return b" 200 " in connection.recv(64)
    return False


class Network:
    """A TCP relay to a farm whose connections can be cut."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._target = (host, int(port))
        self._server = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.connections = 0
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End all connections; new ones are accepted."""
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End everything."""
        self._server.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                ours, _ = self._server.accept()
                theirs = socket.create_connection(self._target)
                self._open += [ours, theirs]
                self.connections += 1
                for source, sink in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=self._relay, args=(source, sink), daemon=True).start()

    def _relay(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(65536):
                sink.sendall(chunk)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
