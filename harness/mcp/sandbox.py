"""The files of a server during a run: a private directory per run and suite, with the suite's files placed in it.

`path` is what `${sandbox}` stands for, the server's home and (unless the suite says otherwise) its working directory;
`tmp` is its private /tmp, beside it, so that a listing of the sandbox shows nothing of ours. Blocking: call from a
thread where time matters. Whatever a server did inside, `remove` takes it away.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from uuid import uuid4

from harness.models.job import PlannedFile
from harness.templates import Names

_PRIVATE = 0o700
_ROUNDS = 3


@dataclass(frozen=True)
class Sandbox:
    """One sandbox on disk."""

    root: Path

    @property
    def path(self) -> Path:
        """What `${sandbox}` means."""
        return self.root / "sandbox"

    @property
    def tmp(self) -> Path:
        """For TMPDIR."""
        return self.root / "tmp"

    def place(self, file: PlannedFile, content: Path | bytes) -> None:
        """Put one file where the plan names it. Raises ValueError when that is not inside the sandbox."""
        target = confined(self.path, file.target)
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            target.write_bytes(content)
        else:
            shutil.copyfile(content, target)
        target.chmod(file.mode & 0o777 | stat.S_IRUSR)

    def remove(self) -> bool:
        """Remove everything; False when something could not be removed."""
        return remove_tree(self.root)


def create_sandbox(parent: Path) -> Sandbox:
    """A new, empty sandbox below `parent`, which exists."""
    sandbox = Sandbox(Path(tempfile.mkdtemp(prefix="sandbox-", dir=parent.resolve())))
    for folder in (sandbox.path, sandbox.tmp):
        folder.mkdir(mode=_PRIVATE)
    return sandbox


@contextmanager
def temporary_sandbox(parent: Path) -> Iterator[Sandbox]:
    """A sandbox for the length of a block."""
    sandbox = create_sandbox(parent)
    try:
        yield sandbox
    finally:
        sandbox.remove()


def names_in(sandbox: Sandbox) -> Names:
    """What texts of a suite may name where the sandbox is all that is known."""
    return Names({"sandbox": str(sandbox.path)})


def confined(folder: Path, relative: str) -> Path:
    """The path `relative` inside `folder`. Raises ValueError when it is absolute, leads out, or names nothing."""
    pure = PurePosixPath(relative)
    if pure.is_absolute() or ".." in pure.parts or "\0" in relative or not pure.parts:
        raise ValueError(f"{relative!r} is not a path inside the sandbox")
    return folder / pure


def remove_tree(top: Path) -> bool:
    """Remove a directory whatever is in it: any depth, any permissions; links are not followed. False: not all gone."""
    for _ in range(_ROUNDS):  # a process that is being ended may still add files
        if not top.exists():
            return True
        _flatten(top)
        with suppress(OSError):
            top.rmdir()
    return not top.exists()


def _flatten(top: Path) -> None:
    """Empty `top` without recursion: each directory below hands its own directories up to `top`, then goes."""
    prefix = uuid4().hex
    moved = 0
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        for child in _empty(folder):
            if folder != top:
                moved += 1
                child = _move(child, top / f"{prefix}-{moved}")
            waiting.append(child)
        if folder != top:
            with suppress(OSError):
                folder.rmdir()


def _empty(folder: Path) -> list[Path]:
    """Remove all in `folder` but its directories, which are returned."""
    folders: list[Path] = []
    with suppress(OSError):
        folder.chmod(_PRIVATE)
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
                else:
                    with suppress(OSError):
                        Path(entry.path).unlink()
    return folders


def _move(folder: Path, to: Path) -> Path:
    try:
        folder.chmod(_PRIVATE)
        return folder.rename(to)
    except OSError:
        return folder
