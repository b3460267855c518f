"""Frames on their way between worker and keeper."""

from hypothesis import given
from hypothesis import strategies as st

from harness.containment import frames

FRAME = st.builds(
    frames.Frame,
    st.sampled_from([frames.SEND, frames.LINE, frames.KILL]),
    st.binary(max_size=50),
    st.integers(0, 2**32 - 1),
    st.floats(0, 1e9),
)


@given(st.lists(FRAME), st.integers(1, 60))
def test_frames_arrive_as_they_were_sent_however_the_stream_is_cut(sent: list[frames.Frame], size: int) -> None:
    stream = b"".join(frames.encode(*frame) for frame in sent)
    reader = frames.FrameReader()
    found = [frame for at in range(0, len(stream), size) for frame in reader.feed(stream[at : at + size])]
    assert found == sent


def test_an_unfinished_frame_is_kept_until_it_is_whole() -> None:
    reader = frames.FrameReader()
    whole = frames.encode(frames.LINE, b"x" * 1000)
    assert list(reader.feed(whole[:-1])) == []
    assert list(reader.feed(whole[-1:])) == [frames.Frame(frames.LINE, b"x" * 1000)]
