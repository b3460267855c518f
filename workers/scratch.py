"""Owns the private directory of a worker process: made and locked at its start, removed at its end.

<scratch_dir>/<worker>-<random>/      sandboxes, fetched files, and what kombu dumps
  .mcp-test-harness-worker            held locked for as long as the process lives

A worker that was killed cannot remove its own: the next one that starts beside it does, told by a lock that nobody
holds. The kernel lets go of a lock however a process ends. In the system's temporary directory much else may lie beside
it: what is not named as ours, or is not ours, is left alone.
"""

import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from harness.mcp.sandbox import remove_tree

LOCK = ".mcp-test-harness-worker"
_NAME = re.compile(r".+-[a-z0-9_]{8}")
"""The name of a worker and what `mkdtemp` adds to it."""


@contextmanager
def scratch_directory(worker: str, parent: str) -> Iterator[Path]:
    """A directory below `parent` (empty: the system's temporary one), in which temporary files go meanwhile."""
    if parent:
        Path(parent).mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f"{worker}-", dir=parent or None))
    with _locked(scratch):
        remove_abandoned(scratch.parent)
        tempfile.tempdir = str(scratch)
        try:
            yield scratch
        finally:
            remove_tree(scratch)


def remove_abandoned(parent: Path) -> None:
    """Remove the directories of workers of this user that no longer live."""
    for folder in parent.glob("*-*"):
        with suppress(OSError):
            if _is_ours(folder) and _is_free(folder / LOCK):
                remove_tree(folder)


@contextmanager
def _locked(scratch: Path) -> Iterator[None]:
    """Hold the lock. It gets its name only when it is held: nobody may see it free before."""
    unnamed = scratch / f"{LOCK}.new"
    with unnamed.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        unnamed.rename(scratch / LOCK)
        yield


def _is_ours(folder: Path) -> bool:
    """A real directory of this user with a name that we give: in a temporary directory others may lay links."""
    found = folder.lstat()
    return bool(_NAME.fullmatch(folder.name)) and stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()


def _is_free(lock: Path) -> bool:
    descriptor = os.open(lock, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
