"""Bodies that are packed: unpacked in small pieces, whoever packed them, or refused."""

import gzip
import zlib

import pytest

from harness.mcp.http_body import BodyRefused, Inflater


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_packed_body_comes_out_whole_however_it_is_cut(pack: object) -> None:
    assert callable(pack)
    packed = pack(b"some text, " * 1000)
    inflater = Inflater()
    pieces = [piece for place in range(len(packed)) for piece in inflater.feed(packed[place : place + 1])]
    assert b"".join(pieces) == b"some text, " * 1000
    assert inflater.is_whole


def test_what_a_small_body_unpacks_to_comes_in_small_pieces() -> None:
    sizes = [len(piece) for piece in Inflater().feed(gzip.compress(b"\0" * 10_000_000))]
    assert sum(sizes) == 10_000_000 and max(sizes) <= 64 * 1024


def test_a_packed_body_that_is_cut_off_is_not_whole() -> None:
    inflater = Inflater()
    assert inflater.is_whole
    list(inflater.feed(gzip.compress(b"text")[:-1]))
    assert not inflater.is_whole


def test_what_is_not_packed_at_all_is_refused() -> None:
    with pytest.raises(BodyRefused, match="its body cannot be unpacked"):
        list(Inflater().feed(b"plain text"))
