"""Cutting a stream into lines."""

import time

from hypothesis import given
from hypothesis import strategies as st

from harness.containment.lines import LineSplitter


@given(st.lists(st.binary(max_size=20)), st.integers(1, 7))
def test_however_a_stream_is_cut_the_lines_are_the_same(lines: list[bytes], size: int) -> None:
    lines = [line.replace(b"\n", b"") for line in lines]
    stream = b"".join(line + b"\n" for line in lines) + b"rest"
    splitter = LineSplitter(1000)
    found = [line for at in range(0, len(stream), size) for line in splitter.feed(stream[at : at + size])]
    assert found == lines
    assert splitter.unfinished_bytes == 4
    assert not splitter.too_long


@given(st.integers(1, 30), st.integers(1, 40))
def test_a_line_is_too_long_exactly_when_it_is_over_the_limit(length: int, size: int) -> None:
    stream = b"ab\n" + b"x" * length + b"\nafter\n"
    splitter = LineSplitter(10)
    found = [line for at in range(0, len(stream), size) for line in splitter.feed(stream[at : at + size])]
    assert splitter.too_long == (length > 10)
    assert found[0] == b"ab"
    assert (b"after" in found) == (length <= 10)


def test_a_line_without_end_is_too_long_before_it_ends() -> None:
    splitter = LineSplitter(10)
    assert splitter.feed(b"x" * 10) == [] and not splitter.too_long
    assert splitter.feed(b"x") == [] and splitter.too_long


def test_a_long_line_in_small_pieces_takes_linear_time() -> None:
    def seconds(pieces: int) -> float:
        splitter = LineSplitter(10**9)
        started = time.process_time()
        for _ in range(pieces):
            splitter.feed(b"x" * 100)
        splitter.feed(b"\n")
        return time.process_time() - started

    assert seconds(80_000) < 40 * max(seconds(8_000), 0.001)
