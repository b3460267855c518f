"""The options of `report`. Light, so that its --help is quick."""

from pathlib import Path

from scheduler.console.cli.arguments import (
    FORMATS,
    CommandParser,
    add_farm_options,
    add_html_options,
    add_look_options,
    command_parser,
    names_from,
    report_file,
)
from scheduler.run_names import HELP as RUN_HELP

FORMAT_HELP = f"any of {','.join(FORMATS)} (default text)"


def main(argv: list[str]) -> int:
    """Write the report of the run that `argv` names: to stdout, into a folder, or as files."""
    command = parser()
    given = command.parse_args(argv)
    if given.format and len(given.format) > 1 and given.output is None:
        command.error("several formats need --output DIR")
    from scheduler.console.cli.past_report import tell_report

    tell_report(given)
    return 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser("report", "Write the report of a run again.")
    parser.add_argument("run", metavar="RUN|DIR", help=f"{RUN_HELP}, or a folder with report.json")
    parser.add_argument("--format", type=names_from(FORMATS), metavar="LIST", help=FORMAT_HELP)
    parser.add_argument("--output", type=Path, metavar="DIR", help="write files there (several formats need it)")
    parser.add_argument(
        "--report", type=report_file, action="append", default=[], metavar="FORMAT=PATH", help="a file; repeatable"
    )
    add_html_options(parser)
    add_look_options(parser)
    add_farm_options(parser)
    return parser
