"""The process `api`: the HTTP API, and the tests' metrics on a port of their own.

`python -m scheduler.console.serve_api` listens on sockets that it inherits (`--fd`, `--metrics-fd`), or opens them.
"""

import argparse
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from harness.errors import FarmError
from harness.log import configure_logging
from scheduler.console.api.app import create_app
from scheduler.console.serve_sockets import listen
from scheduler.control.farm import open_farm
from scheduler.operate.metrics import create_metrics_app
from scheduler.settings import FarmSettings, load_settings

STOP_S = 2
"""How long open requests may go on after SIGTERM."""


class ApiServer(uvicorn.Server):
    """Tells the application first that the end has come: event streams would not end by themselves."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(_config(app))
        self._closing: threading.Event = app.state.closing

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """What uvicorn does at a signal."""
        self._closing.set()
        super().handle_exit(sig, frame)


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    arguments = _parser().parse_args(argv)
    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format, process="api")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn sends it again when it is done
    with open_farm(settings) as farm, _in_background(create_metrics_app(farm.store), _metrics(arguments, settings)):
        ApiServer(create_app(farm)).run(sockets=[_api(arguments, settings)])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="serve_api", description="The API process of a farm.")
    parser.add_argument("--fd", type=int, help="inherited listening socket of the API")
    parser.add_argument("--metrics-fd", type=int, help="inherited listening socket of /metrics")
    return parser


def _api(arguments: argparse.Namespace, settings: FarmSettings) -> socket.socket:
    return _inherited(arguments.fd) or listen(settings.api_host, settings.api_port, "MCPF_API_PORT")


def _metrics(arguments: argparse.Namespace, settings: FarmSettings) -> socket.socket:
    return _inherited(arguments.metrics_fd) or listen(settings.api_host, settings.metrics_port, "MCPF_METRICS_PORT")


def _inherited(number: int | None) -> socket.socket | None:
    return None if number is None else socket.socket(fileno=number)


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=STOP_S, lifespan="off"
    )


@contextmanager
def _in_background(app: ASGIApp, opened: socket.socket) -> Iterator[None]:
    """Serve `app` from a thread of its own: a scrape that reads much does not hold up the API."""
    server = uvicorn.Server(_config(app))
    thread = threading.Thread(target=server.run, args=([opened],), name="metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(STOP_S + 1)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FarmError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
