"""Targets in a bundle: under which paths they and their lock files travel, and how they are read at its other end."""

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from harness.errors import Problem, SuiteErrors
from harness.models.job import Bundle
from harness.suites.files import BundleFiles
from harness.suites.ids import slug
from harness.suites.library import IncludedFile
from harness.suites.load import Loading
from harness.targets.choose import Chosen, targets_of
from harness.targets.find import same_names
from harness.targets.read import LoadedTarget, load_target

ELSEWHERE = ".targets"
"""The folder within a bundle for targets that lie outside the run's root."""


def files_of_targets(root: Path, chosen: Sequence[Chosen]) -> tuple[tuple[IncludedFile, ...], ...]:
    """For each target that a run needs its files, the target's own first, with their paths in the bundle."""
    return tuple(_files_of(target, root.resolve()) for target in targets_of(chosen))


def targets_in(bundle: Bundle, fetch: Callable[[str], bytes], loading: Loading) -> tuple[LoadedTarget, ...]:
    """The targets of a bundle, by name; SuiteErrors with the problems of all."""
    digests = {file.path: file.digest for file in bundle.files}
    within = replace(loading, files=BundleFiles(digests, fetch))
    targets: list[LoadedTarget] = []
    problems: list[Problem] = []
    for path in bundle.targets:
        try:
            targets.append(load_target(fetch(digests[path]), path, within))
        except SuiteErrors as errors:
            problems.extend(errors.problems)
    problems.extend(same_names(targets))
    if problems:
        raise SuiteErrors(tuple(problems))
    return tuple(sorted(targets, key=lambda loaded: loaded.target.name))


def _files_of(loaded: LoadedTarget, root: Path) -> tuple[IncludedFile, ...]:
    path = _path_of(loaded, root)
    install = loaded.target.install
    if loaded.lock is None or install is None or install.lock is None:
        return (IncludedFile(path, loaded.text),)
    lock = posixpath.normpath(posixpath.join(posixpath.dirname(path), install.lock))
    return (IncludedFile(path, loaded.text), IncludedFile(lock, loaded.lock))


def _path_of(loaded: LoadedTarget, root: Path) -> str:
    """Relative to the root. What lies outside goes into a folder of its own, with what lies beside it."""
    real = Path(loaded.file).resolve()
    if real.is_relative_to(root):
        return real.relative_to(root).as_posix()
    return str(PurePosixPath(ELSEWHERE, slug(loaded.target.name), real.name))
