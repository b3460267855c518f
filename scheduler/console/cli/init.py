"""The options of `init`. Light, so that its --help is quick."""

from pathlib import Path

from scheduler.console.cli.arguments import CommandParser, command_parser

DEFAULT_FILE = Path("suite.yaml")


def main(argv: list[str]) -> int:
    """Write a first suite. UsageError when there is one already."""
    given = parser().parse_args(argv)
    from scheduler.console.cli.first_suite import write_first_suite

    write_first_suite(given)
    return 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser(
        "init",
        "Write a first suite to fill in, and the JSON Schema that editors complete it with. `generate` writes one "
        "from a server that runs.",
    )
    parser.add_argument(
        "file", nargs="?", type=Path, default=DEFAULT_FILE, help=f"default {DEFAULT_FILE}; never replaced"
    )
    return parser
