"""Owns the folders of an embedded farm: the state directory that stays, the private directory that goes.

<state>/farm.db        every run (SQLite)
<state>/blobs/         files by digest
<state>/runs/<run>/    reports, where --output names no other place
<state>/live/<pool>    locked while the command that has this pool of workers lives
<temp>/mcpf-run-*/     sandboxes and worker logs of one command; locked while that command lives
"""

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.errors import FarmError, UsageError
from scheduler.operate.embedded_redis import answers

PRIVATE_PREFIX, REDIS_PREFIX = "mcpf-run-", "mcpf-redis-"
SWEEP_AFTER_S = 60.0
"""A folder younger than this may belong to a command that has not locked it yet."""


@dataclass(frozen=True)
class StateDir:
    """Names of what lies in a state directory. Nothing is created before `create`."""

    root: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.root / "farm.db"

    @property
    def blobs(self) -> Path:
        """The artefact store."""
        return self.root / "blobs"

    def run_dir(self, run_id: str) -> Path:
        """Where a run's reports go by default."""
        return self.root / "runs" / run_id

    @contextlib.contextmanager
    def claim(self, pool: str) -> Iterator[None]:
        """Show that the pool's command lives, until the end of the context or of this process."""
        mark = self.root / "live" / pool
        mark.parent.mkdir(mode=0o700, exist_ok=True)
        with mark.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        self.forget(pool)

    def dead_pools(self) -> tuple[str, ...]:
        """Pools whose command was killed: it neither holds nor removed its mark."""
        return tuple(mark.name for mark in sorted((self.root / "live").glob("*")) if not _is_locked(mark))

    def forget(self, pool: str) -> None:
        """Remove the mark of a pool that is over."""
        (self.root / "live" / pool).unlink(missing_ok=True)

    def create(self) -> None:
        """Make the directory, private to its user and ignored by git. UsageError when that is not possible."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            ignore = self.root / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n")
        except OSError as error:
            raise UsageError(f"the state directory {self.root} cannot be used: {_reason(error, self.root)}") from error


def _reason(error: OSError, path: Path) -> str:
    if isinstance(error, FileExistsError | NotADirectoryError):
        return "it, or a folder above it, is a file; remove that, or set MCPF_STATE_DIR to another place"
    return f"{error.strerror}; set MCPF_STATE_DIR to a place that can be written"


@contextlib.contextmanager
def private_dir() -> Iterator[Path]:
    """A folder of this command alone, removed at the end; leftovers of commands that were killed go first."""
    try:
        sweep(Path(tempfile.gettempdir()))
        path = Path(tempfile.mkdtemp(prefix=PRIVATE_PREFIX))
    except OSError as error:
        raise FarmError(
            f"no temporary folder can be made: {error}; set TMPDIR to a folder that can be written"
        ) from error
    lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def sweep(temp: Path) -> None:
    """Remove folders of this user that killed commands left behind."""
    for path in [*temp.glob(f"{PRIVATE_PREFIX}*"), *temp.glob(f"{REDIS_PREFIX}*")]:
        with contextlib.suppress(OSError):
            if _is_ours_and_old(path) and not _is_in_use(path):
                shutil.rmtree(path, ignore_errors=True)


def _is_ours_and_old(path: Path) -> bool:
    found = path.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    return ours and time.time() - found.st_mtime > SWEEP_AFTER_S


def _is_in_use(path: Path) -> bool:
    """A locked folder has a living owner; so has one whose Redis answers."""
    if path.name.startswith(REDIS_PREFIX):
        return answers(path / "s")
    return _is_locked(path)


def _is_locked(path: Path) -> bool:
    lock = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
