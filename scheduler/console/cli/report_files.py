"""Writes the reports of a run as files, each whole or not at all."""

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.errors import FarmError, UsageError
from harness.models.run import RunReport
from scheduler.console.cli.terminal import Look
from scheduler.reports.json import render_json
from scheduler.reports.junit import render_junit
from scheduler.reports.summary import render_summary

FILES: dict[str, tuple[str, Callable[[RunReport], str]]] = {
    "json": ("report.json", render_json),
    "junit": ("junit.xml", render_junit),
    "text": ("report.txt", lambda report: render_summary(report, colour=False, width=Look().width)),
}
"""Format → its file name and what renders it."""


def check_output(directory: Path) -> None:
    """Make the directory, or raise UsageError: before a run, not after it."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"reports cannot go to {directory}: {error.strerror}; name another with --output") from error
    if not os.access(directory, os.W_OK | os.X_OK):
        raise UsageError(f"reports cannot go to {directory}: no permission to write; name another with --output")


def write_reports(report: RunReport, directory: Path, formats: Sequence[str]) -> tuple[Path, ...]:
    """Write `report` in each format into `directory`; the paths, in the order of `formats`. FarmError if that fails."""
    check_output(directory)
    return tuple(_write(directory / FILES[name][0], FILES[name][1](report)) for name in formats)


def render(report: RunReport, name: str) -> str:
    """`report` in one format."""
    return FILES[name][1](report)


def _write(path: Path, text: str) -> Path:
    try:
        _write_whole(path, text)
    except OSError as error:
        raise FarmError(f"the report {path} cannot be written: {error.strerror}") from error
    return path


def _write_whole(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o666 & ~_umask())
            file.write(text)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """The process's umask; the system gives it only in exchange for another."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
