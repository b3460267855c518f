"""What `run` does: suites in, a verdict out; on a farm of its own, or with --farm on another.

Everything that can be wrong with the input is found before the first process starts. Progress goes to stderr, the
result to stdout and into files.
"""

import argparse
import contextlib
import secrets
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from harness.errors import FarmError, NothingSelected
from harness.log import configure_logging
from harness.models.outcomes import BAD
from harness.models.run import RunReport
from harness.suites.load import Loading
from harness.version import VERSION
from scheduler.console.cli.event_lines import ToldRun, last_lines, started_line
from scheduler.console.cli.follow import FollowedRun, Patience, follow
from scheduler.console.cli.interrupts import Interrupts
from scheduler.console.cli.options import RunOptions, request_of, run_options
from scheduler.console.cli.plan_text import plan_lines, plans_json, size_text
from scheduler.console.cli.prepare import Narrowing, PreparedRun, prepare
from scheduler.console.cli.progress import Progress
from scheduler.console.cli.settings import ConsoleSettings, read_settings, with_look
from scheduler.console.cli.snapshot_key import SnapshotKey
from scheduler.console.cli.telling import EvidenceOf
from scheduler.console.cli.terminal import commands_stopped, look_of
from scheduler.console.embedded.known_secrets import secrets_are_known
from scheduler.console.embedded.launch import Size, embedded_farm
from scheduler.console.embedded.state_dir import StateDir
from scheduler.reports.verdict import ExitCode
from scheduler.reports.wording import amount

MAX_WARNINGS, MAX_SNAPSHOTS = 20, 10


def run_suites(given: argparse.Namespace) -> int:
    """Run what the command line asks for and return the exit code."""
    configure_logging("error", "console")  # what control warns of is told by the progress, or by the result
    settings = with_look(read_settings(), given)
    options = run_options(given, settings)
    loading = Loading(options.lenient, environment=settings.suite_environment, target_folders=tuple(given.targets))
    prepared = prepare(options.paths, _narrowing(options, settings), loading, timeout_s=options.timeout_s)
    if not options.farm:
        secrets_are_known(prepared.plans)
    if options.dry_run:
        return _show_plan(prepared, options, settings)
    with contextlib.ExitStack() as stopped, Interrupts() as interrupts:
        stopped.enter_context(commands_stopped(sys.stderr, settings))
        command = _Command(settings, options, prepared, interrupts, stopped)
        code = command.run()
    if settings.github_actions and not options.json and command.report is not None:
        from scheduler.console.cli.github_doors import tell_github

        tell_github(command.report, prepared.root, settings)
    return code


def _narrowing(options: RunOptions, settings: ConsoleSettings) -> Narrowing:
    """Which tests are wanted; looks into an earlier run when it is asked for what failed there."""
    failed = None
    if options.rerun_failed is not None:
        from scheduler.console.cli.past_report import find_report

        report = find_report(options.rerun_failed, replace(settings, farm=options.farm, key=options.key))
        failed = frozenset(test.test_id for test in report.tests if test.outcome in BAD)
        if not failed:
            raise NothingSelected(f"every test of run {report.run.run_id} that ran has passed")
    return Narrowing(options.selection, failed, options.changed_since)


def _show_plan(prepared: PreparedRun, options: RunOptions, settings: ConsoleSettings) -> int:
    if options.json:
        print(plans_json(prepared.plans))
        return 0
    for line in plan_lines(prepared.plans, look_of(sys.stdout, settings)):
        print(line)
    where = f"on the farm {options.farm}" if options.farm else f"in {_workers(options.size_for(prepared.tests))}"
    print(f"{size_text(prepared.plans)} would run {where}; nothing was started", file=sys.stderr)
    return 0


class _Command:
    """One `run` from its start to its exit code. `report`: the run's, once there is one."""

    report: RunReport | None = None

    def __init__(
        self,
        settings: ConsoleSettings,
        options: RunOptions,
        prepared: PreparedRun,
        interrupts: Interrupts,
        stopped: contextlib.ExitStack,
    ) -> None:
        self._settings, self._options = settings, options
        self._prepared, self._interrupts, self._stopped = prepared, interrupts, stopped
        self._state = StateDir(settings.state_dir)
        self._progress = Progress(sys.stderr, look_of(sys.stderr, settings), options.verbosity, slow_s=options.slow_s)

    def run(self) -> int:
        from scheduler.console.cli.report_files import check_files, check_output

        check_files(self._options.files)
        if self._options.output:
            check_output(self._options.output)
        self._progress.starting("starting" if not self._options.farm else f"sending the suites to {self._options.farm}")
        with self._started() as run:
            return self._follow(ToldRun(run, sys.stdout) if self._options.json else run)

    @contextlib.contextmanager
    def _started(self) -> Iterator[FollowedRun]:
        request = request_of(self._prepared, self._options)
        contents = self._prepared.bundle.contents
        if self._options.farm:
            from scheduler.console.cli.farm_client import FarmClient
            from scheduler.console.cli.farm_run import FarmRun

            with FarmClient(self._options.farm, self._options.key) as client:
                client.upload(contents)
                yield FarmRun(client, client.submit(request).run_id)
            return
        size = self._options.size_for(self._prepared.tests)
        with embedded_farm(self._state, size, self._options.breaker, self._interrupts.call_on_second) as farm:
            yield farm.begin(contents, request, self._progress.say)

    def _follow(self, run: FollowedRun) -> int:
        self._progress.begin(self._headline(run.run_id), self._prepared.plans, run.usual(), self._evidence())
        self._tell_warnings()
        if self._options.json:
            size = (len(self._prepared.tests), len(self._prepared.plans))
            print(started_line(run.run_id, self._prepared.name, *size), flush=True)
        try:
            self._watch(run)
        except FarmError:
            self._progress.close()
            with contextlib.suppress(FarmError):  # the first one is the one to be told
                self._deliver(run.report())
            raise
        self._progress.close()
        report = run.report()
        self._deliver(report)
        return self._exit_code(report)

    def _watch(self, run: FollowedRun) -> None:
        """Follow the run; `t` and SIGUSR1 ask what it does."""
        live = look_of(sys.stderr, self._settings).live and not self._options.verbosity.is_quiet
        with SnapshotKey(sys.stdin, reads_keys=live) as key:
            self._interrupts.call_on_second(key.restore)
            self._interrupts.call_on_second(self._progress.leave)
            follow(run, self._progress, self._interrupts, Patience(self._options.run_limit_s), key.was_asked)

    def _evidence(self) -> EvidenceOf:
        """What finds requests and answers, for -vv: of runs here."""
        if not self._options.verbosity.with_exchanges or self._options.farm:
            return lambda digest: None
        from scheduler.reports.stored_evidence import evidence_from
        from scheduler.store.blobs import DirectoryBlobs

        return evidence_from(DirectoryBlobs(self._state.blobs).get)

    def _exit_code(self, report: RunReport) -> int:
        code = report.run.exit_code
        return self._interrupts.exit_code or (ExitCode.INCOMPLETE if code is None else code)

    def _deliver(self, report: RunReport) -> None:
        """Write the reports, print the result."""
        from scheduler.console.cli.html_sources import html_sources
        from scheduler.console.cli.report_files import write_files, write_reports

        self.report = report
        self._stopped.close()  # of what follows, we alone say what is a command
        directory = self._output(report.run.run_id)
        with html_sources(self._options.html, report, self._where()) as html:
            paths = write_reports(report, directory, self._options.formats, html)
            paths += write_files(report, self._options.files, html)
        if self._options.github_summary:
            from scheduler.console.cli.github_doors import add_job_summary

            add_job_summary(report, self._settings)
        from scheduler.console.cli.new_snapshots import write_snapshots

        snapshots = write_snapshots(report, self._prepared.root, self._prepared.plans, self._where())
        if self._options.json:
            print("\n".join(last_lines(report, self._exit_code(report), paths, snapshots)))
        else:
            self._print_summary(report, paths)
            print("".join(f"{line}\n" for line in _snapshot_lines(snapshots)), end="")
        sys.stdout.flush()

    def _where(self) -> ConsoleSettings:
        """The settings, with the farm that was named on the command line."""
        return replace(self._settings, farm=self._options.farm, key=self._options.key)

    def _print_summary(self, report: RunReport, paths: Sequence[Path]) -> None:
        from scheduler.reports.summary import Terms, render_summary
        from scheduler.reports.summary_groups import render_groups

        style = look_of(sys.stdout, self._settings).style
        rerun = f"mcp-test-harness run {shlex.join(map(str, self._options.paths))}"
        terms = Terms(self._options.show_end, self._progress.slow, rerun)
        if self._settings.github_actions:
            summary = render_groups(report, style, terms, secrets.token_hex(16))
        else:
            summary = render_summary(report, style, terms)
        if self._options.verbosity.is_quiet:
            shown = summary.rstrip("\n") if self._options.show_end else summary.split("\n", 1)[0]
            print("\n".join([shown, *_report_lines(paths[-1:])]))
        else:
            print("\n".join([summary.rstrip("\n"), *([""] if "\n\n" not in summary else []), *_report_lines(paths)]))

    def _output(self, run_id: str) -> Path:
        if self._options.output:
            return self._options.output
        self._state.create()
        return self._state.run_dir(run_id)

    def _headline(self, run_id: str) -> str:
        where = self._options.farm or _workers(self._options.size_for(self._prepared.tests))
        name = f"mcp-test-harness {VERSION}   run {run_id}   {self._prepared.name}"
        seed = "" if self._options.shuffle is None else f", seed {self._options.shuffle}"
        return f"{name}   {size_text(self._prepared.plans)}, {where}{seed}"

    def _tell_warnings(self) -> None:
        warnings, deferred = self._prepared.warnings, self._prepared.deferred
        for warning in warnings[:MAX_WARNINGS]:
            self._progress.say(f"  warning: {warning}")
        if len(warnings) > MAX_WARNINGS:
            self._progress.say(f"  and {len(warnings) - MAX_WARNINGS} more warnings: validate shows them")
        if deferred:
            self._progress.say(
                f"  note: keys that do not act yet: {len(deferred)}; validate names them with their lines"
            )


def _report_lines(paths: Sequence[Path]) -> list[str]:
    return [f"report       {path}" for path in paths]


def _snapshot_lines(paths: Sequence[Path]) -> list[str]:
    lines = [f"snapshot     {path}" for path in paths[:MAX_SNAPSHOTS]]
    return [*lines, f"             and {len(paths) - MAX_SNAPSHOTS} more"] if len(paths) > MAX_SNAPSHOTS else lines


def _workers(size: Size) -> str:
    return f"{amount(size.workers, 'worker')} of {amount(size.slots, 'slot')}"
