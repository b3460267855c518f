"""The artefact store on a directory."""

import hashlib
from pathlib import Path

import pytest

from harness.errors import BlobMissing, FarmError
from scheduler.store.blobs import DirectoryBlobs

CONTENT = b"what a server needs"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def test_what_is_put_can_be_had_again(tmp_path: Path) -> None:
    blobs = DirectoryBlobs(tmp_path / "blobs")
    assert not blobs.has(DIGEST)
    blobs.put(CONTENT, DIGEST)
    blobs.put(CONTENT, DIGEST)
    assert blobs.has(DIGEST)
    assert blobs.get(DIGEST) == blobs.path(DIGEST).read_bytes() == CONTENT
    assert [path.name for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == [DIGEST]


def test_content_that_does_not_match_its_digest_is_refused_and_not_kept(tmp_path: Path) -> None:
    blobs = DirectoryBlobs(tmp_path)
    with pytest.raises(FarmError, match="damaged"):
        blobs.put(b"something else", DIGEST)
    assert not blobs.has(DIGEST)


def test_a_missing_blob_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BlobMissing):
        DirectoryBlobs(tmp_path).get(DIGEST)
    with pytest.raises(BlobMissing):
        DirectoryBlobs(tmp_path).path(DIGEST)


@pytest.mark.parametrize(
    "name", ["../secret", "", "/etc/passwd", "A" * 64, "a" * 63, f"{'a' * 63}\n", "..%2f" + "a" * 59]
)
def test_only_a_digest_ever_becomes_a_path(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("no")
    blobs = DirectoryBlobs(tmp_path / "blobs")
    assert not blobs.has(name)
    with pytest.raises(BlobMissing):
        blobs.get(name)
    with pytest.raises(BlobMissing):
        blobs.path(name)
