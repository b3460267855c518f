"""Installed packages on disk: one folder per recipe, shared by all workers of this user on this machine.

<root>/<key>/            what was installed; complete once it has its record
<root>/<key>.json        the record: what it is, when, how large, the digest of all of it
<root>/<key>.lock        held shared by whoever uses the entry, alone by whoever fills or removes it

The kernel lets go of a lock however its holder ends; a folder without a record is the work of one that was killed, and
goes before the next one begins. Blocking: call from a thread. Installs nothing itself.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, Field, ValidationError

from harness.log import get_logger
from harness.mcp.sandbox import remove_tree
from harness.models.wire import Wire

log = get_logger("install")

CHUNK_BYTES = 1024 * 1024


class EntryRecord(Wire):
    """What is known of an entry. It is written last."""

    schema_version: int = 1
    package: str
    installed_at: AwareDatetime
    took_s: float
    size_bytes: int
    digest: str = Field(description="of all files and links")


@dataclass(frozen=True)
class Contents:
    """All files of a folder, as one digest and one size."""

    digest: str
    size_bytes: int


class Held:
    """A lock on an entry, until `release`."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def release(self) -> None:
        """Let go. Once is enough, twice does no harm."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class InstallCache:
    """The folder `root`, which belongs to this user alone. `max_bytes` is kept to as far as entries are not in use."""

    def __init__(self, root: Path, max_bytes: int) -> None:
        self._root = root
        self._max_bytes = max_bytes
        self._verified: dict[str, str] = {}

    def folder(self, key: str) -> Path:
        """Where an entry lies, or will lie."""
        return self._root / key

    def prepare(self) -> None:
        """Make the root. Raises OSError; PermissionError when it belongs to somebody else, who could put code there."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = self._root.stat()
        if facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
            raise PermissionError(f"{self._root} can be written by others; make it private, or name another folder")

    def try_use(self, key: str) -> Held | None:
        """Hold a complete entry, and mark it as used; None when there is none, or it is being made or removed."""
        held = self._try_lock(key, fcntl.LOCK_SH)
        if held is None:
            return None
        if not self._is_complete(key):
            held.release()
            return None
        with suppress(OSError):
            os.utime(self._record(key))
        return held

    def try_fill(self, key: str) -> Held | None:
        """Hold an entry that is not complete alone, in an empty folder; None when others have it, or it is complete."""
        held = self._try_lock(key, fcntl.LOCK_EX)
        if held is None:
            return None
        if self._is_complete(key):
            held.release()
            return None
        self.discard(key)
        self.folder(key).mkdir(mode=0o700)
        return held

    def complete(self, key: str, package: str, took_s: float) -> EntryRecord:
        """Say that an entry that is held alone is whole."""
        found = contents_of(self.folder(key))
        record = EntryRecord(
            package=package,
            installed_at=datetime.now(UTC),
            took_s=round(took_s, 3),
            size_bytes=found.size_bytes,
            digest=found.digest,
        )
        fresh = self._record(key).with_suffix(".new")
        fresh.write_text(record.model_dump_json())
        fresh.replace(self._record(key))
        self._verified[key] = record.digest
        return record

    def discard(self, key: str) -> None:
        """Remove an entry that is held alone."""
        self._record(key).unlink(missing_ok=True)
        self._verified.pop(key, None)
        remove_tree(self.folder(key))

    def shrink(self) -> None:
        """Remove what was not used for longest, and nobody uses now, until the rest is small enough."""
        entries = sorted(self._entries())
        surplus = sum(size for _, _, size in entries) - self._max_bytes
        for _, key, size_bytes in entries:
            if surplus <= 0:
                return
            held = self._try_lock(key, fcntl.LOCK_EX)
            if held is not None:
                self.discard(key)
                held.release()
                surplus -= size_bytes
                log.info("install.removed", key=key, size_bytes=size_bytes)

    def _entries(self) -> Iterator[tuple[float, str, int]]:
        """Of every entry: when it was last used, its key, its size; those without a record come first."""
        for folder in self._root.iterdir():
            if folder.is_dir():
                record = self._read(folder.name)
                used = self._record(folder.name).stat().st_mtime if record else 0.0
                yield used, folder.name, record.size_bytes if record else contents_of(folder).size_bytes

    def _is_complete(self, key: str) -> bool:
        """Whether it is what was installed. Looked at in full once in each process: what is cached is run."""
        record = self._read(key)
        if record is None:
            return False
        if self._verified.get(key) != record.digest:
            if contents_of(self.folder(key)).digest != record.digest:
                log.warning("install.changed", key=key, package=record.package)
                return False
            self._verified[key] = record.digest
        return True

    def _read(self, key: str) -> EntryRecord | None:
        try:
            return EntryRecord.model_validate_json(self._record(key).read_bytes())
        except (OSError, ValidationError):
            return None

    def _record(self, key: str) -> Path:
        return self._root / f"{key}.json"

    def _try_lock(self, key: str, kind: int) -> Held | None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self._root / f"{key}.lock", flags, 0o600)
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return Held(descriptor)


def contents_of(folder: Path) -> Contents:
    """Every file and link below `folder`: path, whether it can be executed, content. Nobody writes there meanwhile."""
    whole, size_bytes = hashlib.sha256(), 0
    for file in _files_below(folder):
        told, size = _facts_of(file)
        size_bytes += size
        whole.update(f"{file.relative_to(folder)}\0{told}\n".encode("utf-8", "surrogateescape"))
    return Contents(whole.hexdigest(), size_bytes)


def _files_below(folder: Path) -> Iterator[Path]:
    """Files and links, in a stable order; links are not followed."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if Path(parent, name).is_symlink()]
        yield from (Path(parent, name) for name in sorted([*names, *links]))


def _facts_of(file: Path) -> tuple[str, int]:
    """What it is, whether it can be executed, its content's digest; and its size in bytes."""
    if file.is_symlink():
        return f"link {file.readlink()}", 0
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(CHUNK_BYTES):
            digest.update(chunk)
        facts = os.fstat(content.fileno())
    return f"{'x' if facts.st_mode & 0o100 else '-'} {digest.hexdigest()}", facts.st_size
