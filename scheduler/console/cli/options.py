"""Owns how `run` is to be done: the command line, and beneath it the configuration file, as one frozen value."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from harness.models.run import Selection
from scheduler.console.cli.arguments import (
    FORMATS,
    add_config_option,
    add_selection_options,
    add_suite_options,
    command_parser,
    count_to,
    names_from,
    seconds,
)
from scheduler.console.cli.config_file import FileSettings, read_config
from scheduler.console.cli.progress import Verbosity
from scheduler.console.cli.settings import ConsoleSettings

DEFAULT_WORKERS, DEFAULT_SLOTS = 1, 16
MAX_WORKERS, MAX_SLOTS = 64, 256
EPILOG = """Exit codes: 0 all passed, 1 tests failed, 2 usage or suite error or no test
selected, 3 no server could be started, 4 the farm itself failed,
6 incomplete or cancelled, 130 interrupted. Ctrl-C ends the run cleanly,
a second one at once."""


@dataclass(frozen=True)
class RunOptions:
    """One run as its user wants it. `output` None: in the state directory. `slots` are tests in flight per worker."""

    paths: tuple[Path, ...]
    selection: Selection
    lenient: bool
    fail_fast: bool
    timeout_s: float | None
    run_limit_s: float | None
    workers: int
    slots: int
    output: Path | None
    formats: tuple[str, ...]
    dry_run: bool
    farm: str
    key: str
    verbosity: Verbosity


def parse_run(argv: list[str], settings: ConsoleSettings) -> RunOptions:
    """Read the command line of `run` and the file that it names. UsageError or SuiteErrors when one is wrong."""
    given = run_parser().parse_args(argv)
    file = read_config(given.config) if given.config else FileSettings()
    most = file.max_concurrency if given.concurrency is None else None
    workers, slots = share_out(given.workers or DEFAULT_WORKERS, given.concurrency or DEFAULT_SLOTS, most)
    return RunOptions(
        paths=tuple(given.paths),
        selection=selection_of(given),
        lenient=given.lenient,
        fail_fast=given.fail_fast or file.fail_fast,
        timeout_s=given.timeout,
        run_limit_s=file.run_limit_s,
        workers=workers,
        slots=slots,
        output=given.output or file.output_dir,
        formats=given.format or file.formats or FORMATS,
        dry_run=given.dry_run,
        farm=given.farm or settings.farm,
        key=given.key or settings.key,
        verbosity=_verbosity(given),
    )


def selection_of(given: argparse.Namespace) -> Selection:
    """What --filter, --tag and --test select."""
    return Selection(filter=given.filter, tags=tuple(given.tag), test_ids=tuple(given.test))


def share_out(workers: int, slots: int, most: int | None) -> tuple[int, int]:
    """Worker processes and slots of each, cut down so that at most `most` tests are in flight over all of them."""
    if most is None:
        return workers, slots
    processes = min(workers, most)
    return processes, min(slots, most // processes)


def run_parser() -> argparse.ArgumentParser:
    """The options of `run`, for argparse."""
    parser = command_parser("run", "Test MCP servers as suites say. A folder is one run.")
    parser.epilog, parser.formatter_class = EPILOG, argparse.RawDescriptionHelpFormatter
    add_suite_options(parser)
    add_config_option(parser)
    add_selection_options(parser)
    _add_how(parser.add_argument_group("run"))
    _add_output(parser.add_argument_group("output"))
    _add_farm(parser.add_argument_group("farm"))
    return parser


def _add_how(group: argparse._ArgumentGroup) -> None:
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
    group.add_argument("--timeout", type=seconds, metavar="S", help="time limit of every test, in seconds")
    group.add_argument("--dry-run", action="store_true", help="show what would run, start nothing")


def _add_output(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--output", type=Path, metavar="DIR", help="where reports go (default .farm/runs/RUN)")
    group.add_argument(
        "--format", type=names_from(FORMATS), metavar="LIST", help=f"reports to write (default {','.join(FORMATS)})"
    )
    level = group.add_mutually_exclusive_group()
    level.add_argument("-v", "--verbose", action="store_true", help="tell of tests that pass, too")
    level.add_argument("-q", "--quiet", action="store_true", help="nothing but the verdict")


def _add_farm(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--farm", default="", metavar="URL", help="run there instead of here (MCPF_FARM)")
    group.add_argument("--key", default="", metavar="KEY", help="key for that farm (MCPF_KEY, which ps does not show)")


def _verbosity(given: argparse.Namespace) -> Verbosity:
    if given.quiet:
        return Verbosity.QUIET
    return Verbosity.VERBOSE if given.verbose else Verbosity.NORMAL
