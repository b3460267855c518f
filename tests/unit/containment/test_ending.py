"""How a server ended, in words and on its way from the keeper."""

import pytest

from harness.containment.ending import ServerExit, decode_exit, encode_exit

EXITS = [
    (ServerExit(0, None), "exit code 0"),
    (ServerExit(3, None, "close", left_over=2), "exit code 3, at the end of its session"),
    (ServerExit(None, 11), "SIGSEGV"),
    (ServerExit(None, 9, "kill", survivors=1, unfinished_bytes=7), "SIGKILL, sent by the farm"),
    (ServerExit(None, 9, "fault", cpu_s=0.25, peak_memory_kib=900), "SIGKILL, sent by the farm for breaking a bound"),
    (ServerExit(None, 34), "SIGRTMIN"),
    (ServerExit(None, 99), "signal 99"),
    (ServerExit(None, None), "unknown reason"),
]


@pytest.mark.parametrize(("ending", "text"), EXITS)
def test_an_end_arrives_as_it_was_reported_and_reads_well(ending: ServerExit, text: str) -> None:
    assert decode_exit(encode_exit(ending)) == ending
    assert ending.text == text


def test_a_newer_keeper_may_say_more() -> None:
    assert decode_exit(b"code=0\nlimit=memory") == ServerExit(0, None)
