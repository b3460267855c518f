"""The options of `serve`. Light, so that its --help is quick; the rest (`serve_farm.py`) is loaded to serve."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from scheduler.console.cli.arguments import MAX_WORKERS, CommandParser, command_parser

MEMBERS = ("api", "control", "worker", "beat", "flower")
MAX_PORT = 65535


def main(argv: Sequence[str]) -> int:
    """Run the farm until SIGTERM (0) or Ctrl-C (130)."""
    given = parser().parse_args(argv)
    from scheduler.console.serve_farm import serve

    return serve(given)


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser("serve", "Bring up a farm on this machine: api, control, beat and workers.")
    parser.add_argument("--workers", type=_number_to(MAX_WORKERS), metavar="N", help="worker processes (default: 1)")
    parser.add_argument("--host", metavar="HOST", help="address to listen on (default: 127.0.0.1, this machine only)")
    parser.add_argument(
        "--port", type=_number_to(MAX_PORT), metavar="N", help="port of the API (default: 8080; 0: a free one)"
    )
    parser.add_argument(
        "--metrics-port", type=_number_to(MAX_PORT), metavar="N", help="port of /metrics (default: 9090; 0: a free one)"
    )
    parser.add_argument("--state-dir", type=Path, metavar="DIR", help="database, files, Redis's file (default: .farm)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration (YAML); options here win over it")
    parser.add_argument("--flower", action="store_true", help="Flower, too, on 127.0.0.1:5555")
    parser.add_argument("--new-key", action="store_true", help="make and show another admin key")
    parser.add_argument(
        "--only", action="append", choices=MEMBERS, help="this process alone; the one with `api` brings up Redis"
    )
    return parser


def _number_to(most: int) -> Callable[[str], int]:
    """A type for argparse: a whole number from 0 to `most`."""

    def parse(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else most + 1
        if number > most:
            raise argparse.ArgumentTypeError(f"expected a whole number from 0 to {most}, got {text!r}")
        return number

    return parse
