"""Evidence is read from blobs that may hold anything."""

import gzip
import zlib

import pytest

from harness.errors import BlobMissing
from harness.models.evidence import MAX_EVIDENCE_BYTES, Evidence, Exchange
from scheduler.reports.stored_evidence import MAX_WRITTEN_BYTES, evidence_from, read_evidence

EVIDENCE = Evidence(exchanges=(Exchange(method="tools/call", name="list", request={"a": 1}, took_s=0.5),), stderr="x")


def packed(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def test_what_was_kept_is_read_again() -> None:
    assert read_evidence(packed(EVIDENCE.model_dump_json())) == EVIDENCE


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing packed",
        packed("[]"),
        packed('{"exchanges": 1}'),
        packed("{")[:-9],
        packed(EVIDENCE.model_dump_json())[:-1],
        packed(" " * (MAX_WRITTEN_BYTES + 1) + "{}"),
        packed("[" * 100_000),
        zlib.compress(b"{}"),
        b"\x1f\x8b" + bytes(MAX_EVIDENCE_BYTES),
    ],
)
def test_anything_else_is_no_evidence(content: bytes) -> None:
    assert read_evidence(content) is None


def test_a_blob_that_is_missing_is_no_evidence() -> None:
    def get(digest: str) -> bytes:
        if digest != "there":
            raise BlobMissing("no blob")
        return packed(EVIDENCE.model_dump_json())

    find = evidence_from(get)
    assert (find("there"), find("gone")) == (EVIDENCE, None)
