"""Text of a file of `targets/` → LoadedTarget: read as suites are, with every problem at its line."""

import hashlib
import json
import posixpath
from dataclasses import dataclass, field

from pydantic import ValidationError

from harness.errors import Problem
from harness.models.target import Install, PlannedInstall, Target
from harness.suites.files import Files
from harness.suites.findings import Findings, quoted
from harness.suites.load import Loading
from harness.suites.read import read_yaml
from harness.suites.sentences import word_errors
from harness.suites.shape import Shape, shape_file
from harness.suites.unfold import unfold
from harness.targets.locks import check_lock
from harness.targets.rules import check_target


@dataclass(frozen=True)
class LoadedTarget:
    """An accepted target. `file` is its path as it is shown; empty for one that stands in a suite.

    `text` and `lock` are bytes of files, as they were judged.
    """

    file: str
    target: Target
    text: bytes = field(default=b"", repr=False)
    lock: bytes | None = field(default=None, repr=False)
    warnings: tuple[Problem, ...] = ()
    deferred: tuple[Problem, ...] = ()

    @property
    def install(self) -> PlannedInstall | None:
        """What a worker is told to install."""
        install = self.target.install
        if install is None:
            return None
        lock = "" if self.lock is None else hashlib.sha256(self.lock).hexdigest()
        return PlannedInstall(npm=install.npm, pypi=install.pypi, lock=lock, allow_scripts=install.allow_scripts)


def load_target(text: bytes, file: str, loading: Loading) -> LoadedTarget:
    """Accept a target, or raise SuiteErrors with every problem. Its lock file is read from `loading.files`."""
    findings = Findings(file)
    root = unfold(read_yaml(text, file), findings, loading.environment)
    shape = shape_file(root, Target, findings, lenient=loading.lenient, whole="the target")
    target = _validated(shape, findings)
    lock = None
    if target is not None:
        check_target(target, shape, findings)
        lock = _lock(target.install, shape, findings, loading.files)
    findings.raise_errors()
    assert target is not None, "a target that cannot be validated has errors"
    return LoadedTarget(file, target, text, lock, findings.warnings, findings.deferred)


def _validated(shape: Shape, findings: Findings) -> Target | None:
    try:
        return Target.model_validate_json(json.dumps(shape.values), strict=True)
    except ValidationError as error:
        word_errors(error, shape, findings)
        return None


def _lock(install: Install | None, shape: Shape, findings: Findings, files: Files | None) -> bytes | None:
    if install is None or install.lock is None:
        return None
    mark = shape.spot_of(("install", "lock")).value
    try:
        lock = _content(files, findings.file, install.lock)
        check_lock(install, lock)
    except ValueError as problem:
        findings.error(mark, f"{quoted(install.lock)} {problem}")
        return None
    return lock


def _content(files: Files | None, file: str, named: str) -> bytes:
    if files is None:
        raise ValueError("cannot be read here")
    return files.read(posixpath.join(posixpath.dirname(files.path_of(file)), named))
