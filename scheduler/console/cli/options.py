"""Owns how `run` is to be done: the command line, and beneath it the configuration file, as one frozen value."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.models.expected import SnapshotMode
from harness.models.job import PlannedTest
from harness.models.run import OVERRUN_S, Lane, RunRequest, Selection
from harness.models.suite import Retry
from scheduler.console.cli.arguments import DEFAULT_FORMATS, DEFAULT_SLOTS, DEFAULT_WORKERS
from scheduler.console.cli.config_file import FileSettings, read_config
from scheduler.console.cli.prepare import PROJECT, PreparedRun, selection_of
from scheduler.console.cli.settings import ConsoleSettings
from scheduler.console.cli.telling import Verbosity
from scheduler.console.embedded.launch import Size
from scheduler.console.embedded.settings import BREAKER
from scheduler.reports.html.options import MIB, Detail, HtmlOptions
from scheduler.reports.levels import LEVELS, Level
from scheduler.state.breaker import Terms


@dataclass(frozen=True)
class RunOptions:
    """One run as its user wants it. `output` None: in the state directory."""

    paths: tuple[Path, ...]
    selection: Selection
    lenient: bool
    fail_fast: bool
    timeout_s: float | None
    run_limit_s: float | None
    deadline_s: float | None
    lane: Lane | None
    retry: Retry | None
    breaker: Terms
    size: Size
    output: Path | None
    formats: tuple[str, ...]
    files: tuple[tuple[str, Path], ...]
    html: HtmlOptions
    github_summary: bool
    json: bool
    dry_run: bool
    farm: str
    key: str
    verbosity: Verbosity
    show_end: Level
    slow_s: float
    shuffle: int | None = None
    rerun_failed: str | None = None
    changed_since: str | None = None
    snapshot_mode: SnapshotMode = SnapshotMode.CI

    def size_for(self, tests: Sequence[PlannedTest]) -> Size:
        """The processes that this run needs: no more workers than tests that will run."""
        waiting = sum(not test.skip_reason for test in tests)
        return Size(max(1, min(self.size.workers, waiting)), self.size.slots)


def run_options(given: argparse.Namespace, settings: ConsoleSettings) -> RunOptions:
    """What the command line of `run` says, and the file that it names. UsageError or SuiteErrors when that is wrong."""
    file = read_config(given.config) if given.config else FileSettings()
    most = file.max_concurrency if given.concurrency is None else None
    size = Size(given.workers or DEFAULT_WORKERS, given.concurrency or DEFAULT_SLOTS)
    return RunOptions(
        paths=tuple(given.paths),
        selection=selection_of(given),
        lenient=given.lenient,
        fail_fast=given.fail_fast or file.fail_fast,
        timeout_s=given.timeout,
        run_limit_s=file.run_limit_s,
        deadline_s=given.deadline,
        lane=Lane(given.lane) if given.lane else None,
        retry=file.retry,
        shuffle=given.shuffle,
        rerun_failed=given.rerun_failed,
        changed_since=given.changed_since,
        snapshot_mode=_snapshot_mode(given, settings),
        breaker=file.breaker or BREAKER,
        size=size if most is None else cut_down(size, most),
        output=given.output or file.output_dir,
        formats=given.format or file.formats or DEFAULT_FORMATS,
        files=tuple(given.report),
        html=html_options(given),
        github_summary=given.github_summary == "auto",
        json=given.json,
        dry_run=given.dry_run,
        farm=given.farm or settings.farm,
        key=given.key or settings.key,
        verbosity=_verbosity(given),
        show_end=_end_level(given),
        slow_s=given.slow,
    )


def request_of(prepared: PreparedRun, options: RunOptions) -> RunRequest:
    """What is submitted: the farm loads, plans and selects again, from the bundle."""
    return RunRequest(
        project=PROJECT,
        bundle=prepared.bundle.digest,
        name=prepared.name,
        selection=prepared.selection,
        timeout_s=options.timeout_s,
        fail_fast=options.fail_fast,
        lenient=options.lenient,
        lane=options.lane,
        deadline_s=_deadline_s(prepared, options),
        retry=options.retry,
        shuffle=options.shuffle,
        snapshot_mode=options.snapshot_mode,
    )


def _deadline_s(prepared: PreparedRun, options: RunOptions) -> float | None:
    """A farm is told of the file's limit: it holds when this command has gone away. No shorter than a test may take."""
    if options.deadline_s is not None or options.run_limit_s is None or not options.farm:
        return options.deadline_s
    longest_s = max((test.timeout_s for test in prepared.tests), default=0.0)
    return max(options.run_limit_s, longest_s + OVERRUN_S + 1)


def cut_down(size: Size, most: int) -> Size:
    """`size` with at most `most` tests in flight over all its workers."""
    workers = min(size.workers, most)
    return Size(workers, min(size.slots, most // workers))


def html_options(given: argparse.Namespace) -> HtmlOptions:
    """How much the HTML report is to hold."""
    return HtmlOptions(detail=Detail(given.report_detail), max_bytes=given.report_max_size * MIB)


def _verbosity(given: argparse.Namespace) -> Verbosity:
    """What is told while the run goes on; --show wins over -q and -v."""
    unasked = Level.NONE if given.quiet else Level.PASS if given.verbose else Level.SLOW
    show = LEVELS[given.show] if given.show else unasked
    return Verbosity(show, is_quiet=given.quiet, with_attempts=given.verbose > 0, with_exchanges=given.verbose > 1)


def _snapshot_mode(given: argparse.Namespace, settings: ConsoleSettings) -> SnapshotMode:
    """In CI nobody would keep what is new."""
    if given.update_snapshots:
        return SnapshotMode.UPDATE
    return SnapshotMode.CI if settings.ci else SnapshotMode.COMPARE


def _end_level(given: argparse.Namespace) -> Level:
    """What the summary tells beyond the verdict; of -q nothing, unless --show-end asks for it."""
    if given.show_end:
        return LEVELS[given.show_end]
    return Level.NONE if given.quiet else Level.SLOW
