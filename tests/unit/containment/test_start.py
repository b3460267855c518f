"""How a server is started, on its way to the keeper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.containment.start import ServerStart, decode_start, encode_start

TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=10)
NAME = st.text(st.characters(exclude_characters="\0=", codec="utf-8"), min_size=1, max_size=10)


@given(TEXT, st.lists(TEXT).map(tuple), st.dictionaries(NAME, TEXT), TEXT, st.floats(0, 100), st.integers(1, 10**9))
def test_a_start_arrives_as_it_was_sent(
    command: str, args: tuple[str, ...], env: dict[str, str], cwd: str, stop_timeout_s: float, limit: int
) -> None:
    start = ServerStart(command, args, env, cwd, stop_timeout_s, limit)
    assert decode_start(encode_start(start)) == start._replace(args=list(args))


@pytest.mark.parametrize(
    "start",
    [
        ServerStart("a\0b", (), {}, "/"),
        ServerStart("a", ("x\0",), {}, "/"),
        ServerStart("a", (), {"A": "\0"}, "/"),
        ServerStart("a", (), {"": "x"}, "/"),
        ServerStart("a", (), {"A=B": "x"}, "/"),
    ],
)
def test_what_no_process_can_be_given_is_refused(start: ServerStart) -> None:
    with pytest.raises(ValueError):
        encode_start(start)
