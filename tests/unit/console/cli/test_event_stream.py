"""Server-sent events, however the network cuts them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FarmError
from harness.models.run import RunEvent
from scheduler.console.cli.event_stream import MAX_EVENT_BYTES, run_events
from tests.unit.console.cli.reports import event, finished

EVENTS = [event(1, finished()), event(2, finished(number=1, reason="zwölf\n")), event(3)]


def stream(events: list[RunEvent], end: str = "\n") -> bytes:
    parts = [f": keep-alive{end}{end}"]
    parts += [f"id: {e.seq}{end}event: {e.kind}{end}data: {e.model_dump_json()}{end}{end}" for e in events]
    return "".join(parts).encode()


@given(cuts=st.lists(st.integers(0, 4000), max_size=8), end=st.sampled_from(["\n", "\r\n"]))
def test_events_arrive_whole_wherever_the_stream_is_cut(cuts: list[int], end: str) -> None:
    whole = stream(EVENTS, end)
    edges = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    chunks = [whole[begin:stop] for begin, stop in itertools.pairwise(edges)]

    assert list(run_events(chunks)) == EVENTS


def test_an_event_cut_off_by_the_network_is_not_told() -> None:
    assert list(run_events([stream(EVENTS)[:-2]])) == EVENTS[:2]


def test_data_over_several_lines_is_one_event() -> None:
    assert list(run_events([b'data: {"seq": 3,\ndata:  "kind": "run.finished"}\n\n'])) == [event(3)]


def test_a_kind_that_a_newer_farm_has_added_is_passed_over() -> None:
    newer = b'data: {"seq": 2, "kind": "test.paused", "pause": {"s": 3}}\n\n'

    assert list(run_events([stream(EVENTS[:1]), newer, stream(EVENTS[2:])])) == [EVENTS[0], EVENTS[2]]


@pytest.mark.parametrize("body", [b"hello", b"{}", b'{"seq": 1, "kind": 7}', b'{"kind": "test.paused"}'])
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(FarmError, match="not a farm"):
        list(run_events([b"data: " + body + b"\n\n"]))


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    endless = (b"data: " + b"x" * 65536 for _ in iter(int, 1))

    with pytest.raises(FarmError, match="larger than"):
        list(run_events(endless))


def test_an_event_without_end_does_not_fill_the_memory() -> None:
    endless = (b"data: " + b"x" * 65536 + b"\n" for _ in range(2 * MAX_EVENT_BYTES // 65536))

    with pytest.raises(FarmError, match="larger than"):
        list(run_events(endless))
