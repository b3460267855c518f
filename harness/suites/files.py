"""Where the files of a run come from while suites are loaded: a folder on disk, or a bundle. Nothing outside it.

Paths are relative to the root of the run, with forward slashes. Owns confinement; what links lead to counts, not what
they are called.
"""

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

MAX_FILE_BYTES = 1024 * 1024


class Files(Protocol):
    """The files of a run. `read` raises ValueError in one sentence that has the file as its subject."""

    def path_of(self, file: str) -> str:
        """The path within the root of a suite file as it was given."""

    def read(self, path: str) -> bytes:
        """The content of a file, at most 1 MiB."""


class FolderFiles:
    """Files below a folder on disk."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def path_of(self, file: str) -> str:
        """As in Files; a file outside the folder keeps its absolute path, and may then read nothing."""
        real = Path(file).resolve()
        return (real.relative_to(self._root) if real.is_relative_to(self._root) else real).as_posix()

    def read(self, path: str) -> bytes:
        """As in Files."""
        real = (self._root / path).resolve()
        if not real.is_relative_to(self._root):
            raise ValueError("lies outside the folder that is run")
        try:
            return _read_regular(real)
        except OSError as error:
            raise ValueError(f"cannot be read: {error.strerror}") from None


class BundleFiles:
    """Files of a bundle: path → its digest, and how a digest becomes bytes."""

    def __init__(self, digests: Mapping[str, str], fetch: Callable[[str], bytes]) -> None:
        self._digests = digests
        self._fetch = fetch

    def path_of(self, file: str) -> str:
        """As in Files."""
        return file

    def read(self, path: str) -> bytes:
        """As in Files."""
        if path not in self._digests:
            raise ValueError("is not in the bundle")
        content = self._fetch(self._digests[path])
        if len(content) > MAX_FILE_BYTES:
            raise ValueError(f"is larger than {MAX_FILE_BYTES // 1024} KiB")
        return content


def _read_regular(file: Path) -> bytes:
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as content:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("is not a regular file")
        found = content.read(MAX_FILE_BYTES + 1)
    if len(found) > MAX_FILE_BYTES:
        raise ValueError(f"is larger than {MAX_FILE_BYTES // 1024} KiB")
    return found
