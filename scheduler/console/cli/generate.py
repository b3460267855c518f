"""The options of `generate`. Light, so that its --help is quick."""

from pathlib import Path

from scheduler.console.cli.arguments import CommandParser, command_parser
from scheduler.console.cli.live_options import add_server_arguments

DESTRUCTIVE_HELP = "also call tools that say they change things, or are called like it; without it they are skipped"


def main(argv: list[str]) -> int:
    """Write a suite for a live server. ServerUnavailable when it does not start."""
    given = parser().parse_args(argv)
    from scheduler.console.cli.generation import write_suite

    write_suite(given)
    return 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser(
        "generate",
        "Start a server, call its tools, resources and prompts with arguments made from what it declares, and write "
        "the calls that work, and those that it refuses, as a suite that passes.",
    )
    add_server_arguments(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="the suite (default: stdout); never replaced")
    parser.add_argument("--name", default="", metavar="NAME", help="of the suite (default: what the server is called)")
    parser.add_argument("--allow-destructive", action="store_true", help=DESTRUCTIVE_HELP)
    return parser
