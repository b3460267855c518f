"""The options of `serve`. Light, so that its --help is quick; the rest (`serve_farm.py`) is loaded to serve."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from scheduler.console.cli.arguments import MAX_WORKERS, command_parser, count_to

MEMBERS = ("api", "control", "worker", "beat", "flower")


def main(argv: Sequence[str]) -> int:
    """Run the farm until SIGTERM (0) or Ctrl-C (130)."""
    given = serve_parser().parse_args(argv)
    from scheduler.console.serve_farm import serve

    return serve(given)


def serve_parser() -> argparse.ArgumentParser:
    """The options of `serve`, for argparse."""
    parser = command_parser("serve", "Bring up a farm on this machine: api, control, beat and workers.")
    parser.add_argument("--workers", type=count_to(MAX_WORKERS), metavar="N", help="worker processes (default: 1)")
    parser.add_argument("--host", metavar="HOST", help="address to listen on (default: 127.0.0.1, this machine only)")
    parser.add_argument("--port", type=_port, metavar="N", help="port of the API (default: 8080; 0: a free one)")
    parser.add_argument(
        "--metrics-port", type=_port, metavar="N", help="port of /metrics (default: 9090; 0: a free one)"
    )
    parser.add_argument("--state-dir", type=Path, metavar="DIR", help="database, files, Redis's file (default: .farm)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration (YAML); options here win over it")
    parser.add_argument("--flower", action="store_true", help="Flower, too, on 127.0.0.1:5555")
    parser.add_argument("--new-key", action="store_true", help="make and show another admin key")
    parser.add_argument(
        "--only", action="append", choices=MEMBERS, help="this process alone; the one with `api` brings up Redis"
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got {text!r}")
    return int(text)
