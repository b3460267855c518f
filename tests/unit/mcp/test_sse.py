"""Streams of events: as the specification reads them, however they are cut, and never without an end."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.mcp.sse import DEFAULT_RETRY_S, MAX_RETRY_S, Event, EventReader

STREAM = (
    b"\xef\xbb\xbf: hello\r\nid: 1\r\nretry: 250\r\ndata: one\r\ndata: more\r\n\r\n"
    b"event: x\rdata:two\r\rdata:  three\n\n"
)
EVENTS = [Event(b"one\nmore", "message"), Event(b"two", "x"), Event(b" three", "message")]


@settings(deadline=None)
@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_however_a_stream_is_cut_its_events_are_the_same(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]
    reader = EventReader(100)
    found = [event for begin, end in pairwise(places) for event in reader.feed(STREAM[begin:end])]
    assert found == EVENTS
    assert (reader.last_id, reader.retry_s, reader.too_long) == ("1", 0.25, False)


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: not ended", []),
        (b"data: not ended\n", []),
        (b"data\n\n", []),
        (b"id: 7\ndata:\n\n", []),
        (b": comment\n\n\n", []),
        (b"event: x\n\ndata: y\n\n", [Event(b"y", "message")]),
        (b"dat: x\ndata : x\nunknown: y\ndata: z\n\n", [Event(b"z", "message")]),
        (b"data: a:b\n\n", [Event(b"a:b", "message")]),
        (b"data: \xff\xfe\n\n", [Event(b"\xff\xfe", "message")]),
    ],
)
def test_what_carries_nothing_is_no_event(stream: bytes, events: list[Event]) -> None:
    assert list(EventReader(100).feed(stream)) == events


@pytest.mark.parametrize(
    "stream",
    [b"data: " + b"x" * 101, b"data: " + b"x" * 101 + b"\n\n", b"data: " + b"x" * 60 + b"\ndata: " + b"x" * 60],
)
def test_an_event_that_is_too_long_ends_the_reading(stream: bytes) -> None:
    reader = EventReader(100)
    assert list(reader.feed(b"data: fine\n\n")) == [Event(b"fine", "message")]
    assert list(reader.feed(stream + b"\n\ndata: fine\n\n")) == []
    assert reader.too_long


@pytest.mark.parametrize(
    ("line", "retry_s"),
    [
        (b"retry: 0", 0.0),
        (b"retry: 99999999999999999999", MAX_RETRY_S),
        (b"retry: -1", DEFAULT_RETRY_S),
        (b"retry: soon", DEFAULT_RETRY_S),
    ],
)
def test_a_server_may_ask_for_time_but_not_for_ever(line: bytes, retry_s: float) -> None:
    reader = EventReader(100)
    list(reader.feed(line + b"\n"))
    assert reader.retry_s == retry_s


def test_what_was_unfinished_is_dropped_when_a_stream_begins_again() -> None:
    reader = EventReader(100)
    assert list(reader.feed(b"id: 5\nevent: x\ndata: half\nda")) == []
    reader.begin()
    assert list(reader.feed(b"data: whole\n\n")) == [Event(b"whole", "message")]
    assert reader.last_id == "5"


@pytest.mark.parametrize("value", [b"a\0b", b"x" * 2000])
def test_an_id_that_no_header_could_carry_is_not_kept(value: bytes) -> None:
    reader = EventReader(10_000)
    list(reader.feed(b"id: 1\n"))
    list(reader.feed(b"id: " + value + b"\n"))
    assert reader.last_id == "1"
