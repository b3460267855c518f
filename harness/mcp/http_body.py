"""The body of an HTTP answer as it comes: unpacked where it is compressed, counted while it is read, never too much.

httpx would unpack a whole chunk at once, which a small body can make as large as it likes.
"""

import asyncio
import zlib
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import cast

import httpx

ACCEPTED_ENCODINGS = "gzip, deflate"
_PIECE_BYTES = 64 * 1024
_PLAIN = frozenset({"", "identity"})
_ZLIB = frozenset({"gzip", "x-gzip", "deflate"})


class BodyRefused(Exception):
    """Raised for a body that is too large or cannot be unpacked; the message continues a sentence about the server."""


async def pieces(response: httpx.Response, limit_bytes: int) -> AsyncGenerator[bytes]:
    """The body of a response that was opened as a stream. Raises BodyRefused, and what httpx raises."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in _PLAIN | _ZLIB:
        raise BodyRefused(f"its body is packed as {encoding[:40]!r}, which was not asked for")
    inflater = Inflater() if encoding in _ZLIB else None
    taken = 0
    async with aclosing(cast("AsyncGenerator[bytes]", response.aiter_raw())) as chunks:
        async for chunk in chunks:
            for piece in inflater.feed(chunk) if inflater else (chunk,):
                taken += len(piece)
                if taken > limit_bytes:
                    raise BodyRefused(f"it sent a body of more than {limit_bytes} bytes")
                yield piece
                if inflater:
                    await asyncio.sleep(0)  # one chunk may hold a thousand pieces, and other tasks want to run
    if inflater and not inflater.is_whole:
        raise BodyRefused("its packed body ends too early")


async def whole(response: httpx.Response, limit_bytes: int) -> bytes:
    """The same in one piece."""
    return b"".join([piece async for piece in pieces(response, limit_bytes)])


async def beginning(response: httpx.Response, size_bytes: int) -> bytes:
    """As much of the body as a message wants to show; empty when it cannot be had."""
    found = b""
    try:
        async with aclosing(pieces(response, 64 * size_bytes)) as found_pieces:
            async for piece in found_pieces:
                found += piece
                if len(found) >= size_bytes:
                    break
    except (BodyRefused, httpx.HTTPError):
        pass
    return found[:size_bytes]


class Inflater:
    """Unpacks gzip and zlib, in pieces of at most 64 KiB however well the sender packed."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._began = False

    @property
    def is_whole(self) -> bool:
        """Whether the packed data have come to their end; nothing at all is whole, too."""
        return self._zlib.eof or not self._began

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what `chunk` holds. Raises BodyRefused for what is not packed so."""
        self._began = self._began or bool(chunk)
        try:
            while chunk and not self._zlib.eof:
                if piece := self._zlib.decompress(chunk, _PIECE_BYTES):
                    yield piece
                chunk = self._zlib.unconsumed_tail
        except zlib.error as problem:
            raise BodyRefused("its body cannot be unpacked") from problem
