"""Owns the options of commands that start a server themselves. Loads nothing but argparse."""

import argparse

from scheduler.console.cli.arguments import seconds_to

MAX_CALL_S, MAX_START_S, DEFAULT_CALL_S = 600.0, 300.0, 10.0
USAGE_HINT = "put -- before COMMAND when it has options of its own"


def add_server_arguments(parser: argparse.ArgumentParser) -> None:
    """COMMAND…|URL, --env and the time limits."""
    what = f"how to start the server, with its arguments, or its address; {USAGE_HINT}"
    parser.add_argument("command", nargs="+", metavar="COMMAND|URL", help=what)
    parser.add_argument(
        "--env", type=variable, action="append", default=[], metavar="NAME=VALUE", help="for the server; repeatable"
    )
    limit = f"seconds for each call (default {DEFAULT_CALL_S:g})"
    parser.add_argument("--timeout", type=seconds_to(MAX_CALL_S), default=DEFAULT_CALL_S, metavar="S", help=limit)
    parser.add_argument(
        "--start-timeout", type=seconds_to(MAX_START_S), metavar="S", help="seconds for its start (default 30)"
    )


def variable(text: str) -> tuple[str, str]:
    """A type for argparse: `NAME=VALUE`."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, got {text!r}")
    return name, value
