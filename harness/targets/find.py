"""Where targets of a run lie on disk: `targets/` beside a suite or above it, and the folders that are named.

Nothing above the run's root is looked at. Owns which files count.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from harness.errors import Problem, SuiteErrors, UsageError
from harness.models.run import Selection
from harness.suites.files import FolderFiles
from harness.suites.findings import quoted
from harness.suites.ids import slug
from harness.suites.load import EXTENSIONS, LoadedSuite, Loading, looks_like_a_suite, read_file
from harness.targets.choose import needs_targets
from harness.targets.read import LoadedTarget, load_target

FOLDER = "targets"
MAX_TARGETS = 1_000


def target_folders(root: Path, suites: Iterable[Path], named: Sequence[Path]) -> tuple[Path, ...]:
    """The folders that are there: those named first, then those beside and above suites up to `root`.

    Raises UsageError when one that is named is not there.
    """
    top = root.resolve()
    found = dict.fromkeys(_named_folder(folder) for folder in named)
    for parent in dict.fromkeys(suite.resolve().parent for suite in suites):
        for folder in (parent, *parent.parents):
            if folder.is_relative_to(top) and (folder / FOLDER).is_dir():
                found[(folder / FOLDER).resolve()] = None
    return tuple(found)


def load_targets(folders: Sequence[Path], loading: Loading) -> tuple[LoadedTarget, ...]:
    """Every target in these folders, by name; SuiteErrors with the problems of all files."""
    targets: list[LoadedTarget] = []
    problems: list[Problem] = []
    for folder in folders:
        files = FolderFiles(folder)
        for file in _target_files(folder):
            try:
                targets.append(load_target(read_file(file), _shown(file), replace(loading, files=files)))
            except SuiteErrors as errors:
                problems.extend(errors.problems)
    if len(targets) > MAX_TARGETS:
        raise UsageError(f"{len(targets):,} targets in {shown_folders(folders)}; a run takes up to {MAX_TARGETS:,}")
    problems.extend(same_names(targets))
    if problems:
        raise SuiteErrors(tuple(problems))
    return tuple(sorted(targets, key=lambda loaded: loaded.target.name))


def gather(
    root: Path, suites: Sequence[LoadedSuite], loading: Loading, selection: Selection
) -> tuple[LoadedTarget, ...]:
    """The targets that a run may need. None are looked for when its suites bring their servers along.

    Raises SuiteErrors with what is wrong with their files, or UsageError.
    """
    if not loading.target_folders and not needs_targets(suites, selection):
        return ()
    files = [Path(loaded.file) for loaded in suites]
    return load_targets(target_folders(root, files, loading.target_folders), loading)


def same_names(targets: Iterable[LoadedTarget]) -> tuple[Problem, ...]:
    """Targets that could not be told apart in the ids of tests."""
    first: dict[str, LoadedTarget] = {}
    problems = []
    for loaded in targets:
        other = first.setdefault(slug(loaded.target.name), loaded)
        if other is not loaded:
            message = f"target {quoted(loaded.target.name)} is already given in {other.file}"
            problems.append(Problem(loaded.file, 1, 1, message, "rename one"))
    return tuple(problems)


def shown_folders(folders: Sequence[Path]) -> str:
    """The folders in words, for a message."""
    return ", ".join(_shown(folder) for folder in folders) or f"no folder '{FOLDER}' beside the suites or above"


def _named_folder(folder: Path) -> Path:
    if not folder.is_dir():
        raise UsageError(f"--targets {quoted(str(folder), 400)}: no such folder")
    if not _target_files(folder):
        raise UsageError(f"--targets {quoted(str(folder), 400)}: no target in it (*.yaml or *.yml)")
    return folder.resolve()


def _target_files(folder: Path) -> list[Path]:
    """The YAML files of a folder that are no suites, and not hidden; those of folders below do not count."""
    files = (file for file in sorted(folder.iterdir()) if file.suffix in EXTENSIONS and not file.name.startswith("."))
    return [file for file in files if file.is_file() and not looks_like_a_suite(file)]


def _shown(path: Path) -> str:
    """As a person in the current folder would write it."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
