"""Tells GitHub Actions of a run: annotations on stdout, the summary of the job into the file that it names."""

import sys
from pathlib import Path

from harness.errors import FarmError
from harness.models.run import RunReport
from scheduler.console.cli.settings import ConsoleSettings
from scheduler.reports.github import annotations, render_job_summary


def tell_github(report: RunReport, root: Path, settings: ConsoleSettings) -> None:
    """Print the annotations; `root` is the folder that the suites' paths of the report are relative to."""
    for line in annotations(report, lambda file: place_of(root / file, settings.github_workspace)):
        print(line)
    sys.stdout.flush()


def add_job_summary(report: RunReport, settings: ConsoleSettings) -> None:
    """Append the summary to the file that GITHUB_STEP_SUMMARY names, if it names one. FarmError."""
    path = settings.github_step_summary
    if path is None:
        return
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(render_job_summary(report) + "\n")
    except OSError as error:
        said = f"the job's summary {path} cannot be written: {error.strerror}; --github-summary off leaves it out"
        raise FarmError(said) from error


def place_of(file: Path, workspace: Path | None) -> str:
    """The path of a file below the checked-out repository, as GitHub links it; as it is where it lies elsewhere."""
    try:
        return file.resolve().relative_to((workspace or Path.cwd()).resolve()).as_posix()
    except (OSError, ValueError):
        return file.as_posix()
