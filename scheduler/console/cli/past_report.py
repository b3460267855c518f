"""What `report` does: find a run that is over (or was cut off), and render it again."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from pydantic import ValidationError

from harness.errors import UsageError
from harness.models.run import RunReport
from scheduler.console.cli.json_output import as_json
from scheduler.console.cli.options import html_options
from scheduler.console.cli.report_files import write_files, write_reports
from scheduler.console.cli.settings import ConsoleSettings, read_settings, settings_with_farm, with_look
from scheduler.console.cli.terminal import look_of
from scheduler.console.embedded.state_dir import StateDir
from scheduler.reports.formats import FORMATS, report_chunks
from scheduler.reports.html.options import HtmlOptions
from scheduler.reports.json import report_members
from scheduler.reports.summary import render_summary

MAX_REPORT_BYTES = 512 * 1024 * 1024


def tell_report(given: argparse.Namespace) -> None:
    """Print or write what the command line asks for."""
    report = find_report(given.run, settings_with_farm(given))
    formats: Sequence[str] = given.format or ([] if given.report else ["text"])
    if given.output is None and not given.report:
        if given.json:
            print(as_json(report=report_members(report)))
        else:
            with _html(given, report) as html:
                show_report(report, formats[0], html, with_look(read_settings(), given))
        return
    with _html(given, report) as html:
        paths = write_files(report, given.report, html)
        paths += write_reports(report, given.output, formats, html) if given.output else ()
    _tell_paths(paths, given)


def _html(given: argparse.Namespace, report: RunReport) -> AbstractContextManager[HtmlOptions]:
    """A report that comes as a file has nothing beside it: its run may be of another place."""
    options = html_options(given)
    if report_path(given.run) is not None:
        return nullcontext(options)
    from scheduler.console.cli.html_sources import html_sources

    return html_sources(options, report, settings_with_farm(given))


def find_report(name: str, settings: ConsoleSettings) -> RunReport:
    """The report in the folder or file `name`, or of the run that a farm or this state directory has. UsageError."""
    file = report_path(name)
    if file is not None:
        return _read(file)
    if settings.farm:
        from scheduler.console.cli.farm_client import FarmClient

        with FarmClient(settings.farm, settings.key) as client:
            return client.report(client.find(name).run_id)
    state = StateDir(settings.state_dir)
    followed = state.root / "runs" / Path(name).name / FORMATS["json"].file
    if followed.is_file():  # a run on another farm left its report here, and nothing in our store
        return _read(followed)
    return _from_store(name, state)


def show_report(report: RunReport, name: str, html: HtmlOptions, settings: ConsoleSettings) -> None:
    """Print it in one format; text is dressed for the terminal."""
    if name == "text":
        print(render_summary(report, look_of(sys.stdout, settings).style).rstrip("\n"))
    else:
        print(b"".join(report_chunks(report, name, html)).decode().rstrip("\n"))


def _tell_paths(paths: Sequence[Path], given: argparse.Namespace) -> None:
    if given.json:
        print(as_json(files=[str(path) for path in paths]))
        return
    for path in paths:
        print(path)


def report_path(name: str) -> Path | None:
    """The report file that `name` is or holds, if it names a file or a folder."""
    path = Path(name)
    if path.is_dir():
        file = path / FORMATS["json"].file
        if not file.is_file():
            raise UsageError(f"{name}: no {file.name} in this folder")
        return file
    return path if path.suffix == ".json" and path.is_file() else None


def _read(file: Path) -> RunReport:
    try:
        if file.stat().st_size > MAX_REPORT_BYTES:
            raise UsageError(f"{file}: larger than {MAX_REPORT_BYTES // 1024**2} MiB; is this a report of a run?")
        return RunReport.model_validate_json(file.read_bytes())
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(f"{file}: not a report of this program: {place}: {first['msg']}") from error


def _from_store(name: str, state: StateDir) -> RunReport:
    from scheduler.console.cli.local_runs import local_store
    from scheduler.store.queries import find_run, run_report

    with local_store(state) as store, store.session() as session:
        return run_report(session, find_run(session, name))
