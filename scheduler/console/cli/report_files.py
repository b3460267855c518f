"""Writes the reports of a run as files, each whole or not at all."""

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.errors import FarmError, UsageError
from harness.models.run import RunReport
from scheduler.reports.html.options import HtmlOptions

PLAIN = HtmlOptions()


def check_output(directory: Path) -> None:
    """Make the directory, or raise UsageError: before a run, not after it."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"reports cannot go to {directory}: {error.strerror}; name another with --output") from error
    if not os.access(directory, os.W_OK | os.X_OK):
        raise UsageError(f"reports cannot go to {directory}: no permission to write; name another with --output")


def write_reports(
    report: RunReport, directory: Path, formats: Sequence[str], html: HtmlOptions = PLAIN
) -> tuple[Path, ...]:
    """Write `report` in each format into `directory`; the paths, in the order of `formats`. FarmError if that fails."""
    from scheduler.reports.formats import FORMATS  # a tenth of what a run imports, and not before its end

    check_output(directory)
    return write_files(report, [(name, directory / FORMATS[name].file) for name in formats], html)


def check_files(files: Sequence[tuple[str, Path]]) -> None:
    """Make the folders of files that are to be written, or raise UsageError: before a run, not after it."""
    for _, path in files:
        if path.is_dir():
            raise UsageError(f"--report: {path} is a folder; name a file in it")
        check_output(path.parent)


def write_files(report: RunReport, files: Sequence[tuple[str, Path]], html: HtmlOptions = PLAIN) -> tuple[Path, ...]:
    """Write `report` as files, each of a format at a path; the paths in that order. FarmError, UsageError."""
    from scheduler.reports.formats import report_chunks

    check_files(files)
    return tuple(_write(path, report_chunks(report, name, html)) for name, path in files)


def _write(path: Path, chunks: Iterable[bytes]) -> Path:
    try:
        write_whole(path, chunks)
    except OSError as error:
        raise FarmError(f"the report {path} cannot be written: {error.strerror}") from error
    return path


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file that nobody sees half. OSError."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o666 & ~_umask())
            file.writelines(chunks)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """The process's umask; the system gives it only in exchange for another."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
