"""Owns the artefact store on a directory: files named by their digest, written once, whole or not at all."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from harness.errors import BlobMissing, FarmError

_DIGEST = re.compile(r"[0-9a-f]{64}")


class DirectoryBlobs:
    """Blobs as `root/ab/abcdef…`. Any number of processes may share the directory."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, content: bytes, digest: str) -> None:
        """Store `content`. Raises FarmError when `digest` is not its sha256; storing it again is harmless."""
        found = hashlib.sha256(content).hexdigest()
        if found != digest:
            raise FarmError(f"blob is damaged: expected sha256 {digest[:64]}, found {found}; send it again")
        target = self._place(digest)
        if not target.exists():
            _write_whole(target, content)

    def adopt(self, file: Path, digest: str) -> None:
        """Take a finished file of this file system as the blob. Its maker has computed `digest` from what it wrote."""
        target = self._place(digest)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.replace(target)

    def get(self, digest: str) -> bytes:
        """The blob's content. Raises BlobMissing."""
        try:
            return self._place(digest).read_bytes()
        except FileNotFoundError as error:
            raise BlobMissing(f"no blob {digest} in {self.root}") from error

    def path(self, digest: str) -> Path:
        """The file that holds the blob, to be read only. Raises BlobMissing."""
        place = self._place(digest)
        if not place.is_file():
            raise BlobMissing(f"no blob {digest} in {self.root}")
        return place

    def size_bytes(self, digest: str) -> int:
        """How large the blob is. Raises BlobMissing."""
        return self.path(digest).stat().st_size

    def has(self, digest: str) -> bool:
        """Whether the blob is here. False, too, for what cannot be a digest."""
        return _DIGEST.fullmatch(digest) is not None and self._place(digest).is_file()

    def _place(self, digest: str) -> Path:
        """Anything but a digest is a missing blob: a path never comes from outside."""
        if _DIGEST.fullmatch(digest) is None:
            raise BlobMissing(f"not a digest: {digest[:80]!r}")
        return self.root / digest[:2] / digest


def _write_whole(target: Path, content: bytes) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
