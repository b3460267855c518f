"""Packs texts for the page: compressed, in base64, whose letters cannot end a script element. Pure; deterministic."""

import base64
import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MAX_BLOCK_TESTS = 150
MAX_BLOCK_BYTES = 1024 * 1024  # before compression

Places = Mapping[int, tuple[int, int]]
"""Number of a test → its block, and its place in that block's list."""


@dataclass(frozen=True)
class Packed:
    """Detail blocks, each a packed JSON list of tests."""

    blocks: tuple[bytes, ...]
    places: Places

    @property
    def size_bytes(self) -> int:
        """Of all blocks as they stand in the file."""
        return sum(len(block) for block in self.blocks)


def pack(text: bytes) -> bytes:
    """`text` as the page unpacks it. The same text gives the same bytes."""
    return base64.b64encode(gzip.compress(text, 6, mtime=0))


def pack_details(details: Iterable[tuple[int, bytes]], most_bytes: int) -> Packed | None:
    """The tests (number and JSON) in blocks; None as soon as they would take more than `most_bytes`."""
    packing = _Packing(most_bytes)
    for number, text in details:
        if not packing.add(number, text):
            return None
    return packing.finish()


class _Packing:
    """Blocks that are being filled."""

    def __init__(self, most_bytes: int) -> None:
        self._left = most_bytes
        self._blocks: list[bytes] = []
        self._places: dict[int, tuple[int, int]] = {}
        self._open: list[bytes] = []
        self._open_bytes = 0

    def add(self, number: int, text: bytes) -> bool:
        """False when there is no room."""
        if self._open and (len(self._open) == MAX_BLOCK_TESTS or self._open_bytes + len(text) > MAX_BLOCK_BYTES):
            self._close()
        self._places[number] = (len(self._blocks), len(self._open))
        self._open.append(text)
        self._open_bytes += len(text)
        return self._left >= 0

    def finish(self) -> Packed | None:
        """All that was added."""
        if self._open:
            self._close()
        return Packed(tuple(self._blocks), self._places) if self._left >= 0 else None

    def _close(self) -> None:
        block = pack(b"[" + b",".join(self._open) + b"]")
        self._left -= len(block)
        self._blocks.append(block)
        self._open, self._open_bytes = [], 0
