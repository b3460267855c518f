"""The newest bytes of a stream."""

from hypothesis import given
from hypothesis import strategies as st

from harness.containment.ring import ByteRing


@given(st.lists(st.binary(max_size=30)), st.integers(1, 40))
def test_a_ring_holds_the_newest_bytes(chunks: list[bytes], limit: int) -> None:
    ring = ByteRing(limit)
    for chunk in chunks:
        ring.add(chunk)
    stream = b"".join(chunks)
    assert ring.content() == stream[-limit:]
    assert ring.total_bytes == len(stream)
    assert bool(ring) == bool(stream)
    assert ring.take() == stream[-limit:]
    assert not ring
