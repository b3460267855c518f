"""What `report` does: find a run that is over (or was cut off), and render it again."""

import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from harness.errors import UsageError
from harness.models.run import RunReport
from scheduler.console.cli.report_files import FILES, render, write_reports
from scheduler.console.cli.settings import read_settings
from scheduler.console.cli.terminal import look_of
from scheduler.console.embedded.state_dir import StateDir
from scheduler.reports.summary import render_summary

MAX_REPORT_BYTES = 512 * 1024 * 1024


def find_report(name: str) -> RunReport:
    """The report in the folder `name`, or of the run that the state directory knows by that name. UsageError."""
    file = Path(name) / FILES["json"][0]
    if file.is_file():
        return _read(file)
    if Path(name).is_dir():
        raise UsageError(f"{name}: no {file.name} in this folder")
    state = StateDir(read_settings().state_dir)
    followed = state.root / "runs" / Path(name).name / FILES["json"][0]
    if followed.is_file():  # a run on another farm left its report here, and nothing in our store
        return _read(followed)
    return _from_store(name, state)


def show_report(report: RunReport, name: str) -> None:
    """Print it in one format; text is dressed for the terminal."""
    if name == "text":
        look = look_of(sys.stdout, read_settings())
        print(render_summary(report, colour=look.colour, width=look.width).rstrip("\n"))
    else:
        print(render(report, name).rstrip("\n"))


def write_report(report: RunReport, directory: Path, formats: Sequence[str]) -> None:
    """Write it in each format, and print where."""
    for path in write_reports(report, directory, formats):
        print(path)


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
