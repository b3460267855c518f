"""The options of `run`. Light, so that its --help is quick; the rest (`run_command.py`) is loaded to run."""

import argparse
from pathlib import Path

from scheduler.console.cli.arguments import (
    DEFAULT_FORMATS,
    DEFAULT_SLOTS,
    DEFAULT_WORKERS,
    FORMATS,
    LANES,
    MAX_DEADLINE_S,
    MAX_SLOTS,
    MAX_TIMEOUT_S,
    MAX_WORKERS,
    CommandParser,
    add_config_option,
    add_farm_options,
    add_html_options,
    add_level_options,
    add_look_options,
    add_selection_options,
    add_suite_options,
    add_target_options,
    command_parser,
    count_to,
    names_from,
    report_file,
    seconds_to,
    seed,
)
from scheduler.run_names import HELP as RUN_HELP

EPILOG = """Exit codes: 0 all passed, 1 tests failed, 2 usage or suite error or no test
selected, 3 no server could be started, 4 the farm itself failed,
6 incomplete or cancelled, 130 interrupted. Ctrl-C ends the run cleanly,
a second one at once."""

REPORT_HELP = "a report as this file, beside those of --format; repeatable"
SUMMARY_HELP = "auto (default): in GitHub Actions add to the job's summary"


def main(argv: list[str]) -> int:
    """Run what `argv` asks for and return the exit code."""
    given = parser().parse_args(argv)
    from scheduler.console.cli.run_command import run_suites

    return run_suites(given)


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser("run", "Test MCP servers as suites say. A folder is one run.")
    parser.epilog, parser.formatter_class = EPILOG, argparse.RawDescriptionHelpFormatter
    add_suite_options(parser)
    add_target_options(parser)
    add_config_option(parser)
    add_selection_options(parser)
    _add_narrowing(parser.add_argument_group("narrow down"))
    _add_how(parser.add_argument_group("run"))
    _add_output(parser.add_argument_group("output"))
    add_farm_options(parser.add_argument_group("farm"))
    return parser


def _add_narrowing(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--rerun-failed", "--failed", metavar="RUN", help=f"only tests that did not pass in {RUN_HELP}")
    group.add_argument("--changed-since", metavar="REF", help="only suites of which a file changed since, as git says")


def _add_how(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--update-snapshots", action="store_true", help="accept answers that snapshots differ from")
    group.add_argument("--fail-fast", action="store_true", help="after the first failure start no further test")
    group.add_argument(
        "--workers", type=count_to(MAX_WORKERS), metavar="N", help=f"local worker processes (default {DEFAULT_WORKERS})"
    )
    group.add_argument(
        "--concurrency",
        type=count_to(MAX_SLOTS),
        metavar="N",
        help=f"tests in flight in each of them at most (default {DEFAULT_SLOTS})",
    )
    limit, deadline = seconds_to(MAX_TIMEOUT_S), seconds_to(MAX_DEADLINE_S)
    group.add_argument("--timeout", type=limit, metavar="S", help="time limit of every test, in seconds")
    group.add_argument("--deadline", type=deadline, metavar="S", help="the run ends after this, whatever is missing")
    group.add_argument("--lane", choices=LANES, help="before or behind other runs (default: small ones before)")
    group.add_argument("--shuffle", type=seed, metavar="SEED", help="tests in an order by chance, one for each seed")
    group.add_argument("--dry-run", action="store_true", help="show what would run, start nothing")


def _add_output(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--output", type=Path, metavar="DIR", help="where reports go (default .farm/runs/RUN)")
    group.add_argument(
        "--format",
        type=names_from(FORMATS),
        metavar="LIST",
        help=f"reports to write, any of {','.join(FORMATS)} (default {','.join(DEFAULT_FORMATS)})",
    )
    group.add_argument(
        "--report", type=report_file, action="append", default=[], metavar="FORMAT=PATH", help=REPORT_HELP
    )
    add_html_options(group)
    group.add_argument("--github-summary", choices=("auto", "off"), default="auto", help=SUMMARY_HELP)
    add_level_options(group)
    add_look_options(group)
