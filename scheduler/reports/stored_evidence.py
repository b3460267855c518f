"""A blob as the evidence of one attempt. Pure; bounded, since what a worker sent may be anything."""

import zlib
from collections.abc import Callable

from pydantic import ValidationError

from harness.errors import FarmError
from harness.models.evidence import MAX_EVIDENCE_BYTES, Evidence

MAX_WRITTEN_BYTES = 256 * MAX_EVIDENCE_BYTES
"""Of what is in the blob, unpacked."""
_GZIP = 31  # zlib's word for a gzip header


def read_evidence(content: bytes) -> Evidence | None:
    """The evidence in a blob; None where the blob is something else, or larger than evidence may be."""
    if len(content) > MAX_EVIDENCE_BYTES:
        return None
    unpacking = zlib.decompressobj(_GZIP)
    try:
        written = unpacking.decompress(content, MAX_WRITTEN_BYTES)
        return Evidence.model_validate_json(written) if unpacking.eof else None
    except (zlib.error, ValidationError):
        return None


def evidence_from(get: Callable[[str], bytes]) -> Callable[[str], Evidence | None]:
    """What finds evidence by its digest, with `get`, which reads a blob: a blob that is missing is no evidence."""

    def find(digest: str) -> Evidence | None:
        try:
            return read_evidence(get(digest))
        except FarmError:
            return None

    return find
