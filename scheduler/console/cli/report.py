"""The options of `report`. Light, so that its --help is quick."""

from pathlib import Path

from scheduler.console.cli.arguments import FORMATS, command_parser, names_from


def main(argv: list[str]) -> int:
    """Write the report of the run that `argv` names, to stdout or into a folder."""
    parser = command_parser("report", "Write the report of a run again.")
    parser.add_argument("run", metavar="RUN|DIR", help="`last`, an id or its beginning, or a folder with report.json")
    parser.add_argument("--format", type=names_from(FORMATS), default=("text",), metavar="LIST", help=FORMAT_HELP)
    parser.add_argument("--output", type=Path, metavar="DIR", help="write files there (several formats need it)")
    given = parser.parse_args(argv)
    if len(given.format) > 1 and given.output is None:
        parser.error("several formats need --output DIR")
    from scheduler.console.cli.past_report import find_report, show_report, write_report

    report = find_report(given.run)
    if given.output is None:
        show_report(report, given.format[0])
    else:
        write_report(report, given.output, given.format)
    return 0


FORMAT_HELP = f"any of {','.join(FORMATS)} (default text)"
