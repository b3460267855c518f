"""When a worker counts as silent, and when it was only we who did not listen."""

from collections.abc import Mapping

from scheduler.console.embedded.silence import Silence

HEARD: Mapping[str, float] = {"a": 1000.0, "b": 1000.0}


def look_for_s(silence: Silence, heartbeats: Mapping[str, float], start_s: int, end_s: int) -> list[frozenset[str]]:
    """Look every second, always at the same heartbeats."""
    return [silence.look(heartbeats, float(now_s)) for now_s in range(start_s, end_s)]


def test_a_worker_without_a_new_heartbeat_is_silent_after_the_limit() -> None:
    silence = Silence(limit_s=20)
    assert not any(look_for_s(silence, HEARD, 0, 21))
    assert silence.look({"a": 2000.0, "b": 1000.0}, 21.0) == {"b"}


def test_a_worker_that_said_farewell_and_stays_is_silent_too() -> None:
    silence = Silence(limit_s=20)
    silence.look(HEARD, 0.0)
    assert look_for_s(silence, {}, 1, 22)[-1] == {"a", "b"}


def test_a_worker_that_was_never_heard_is_not_silent() -> None:
    assert not any(look_for_s(Silence(limit_s=20), {}, 0, 100))


def test_when_we_stood_still_ourselves_the_silence_counts_anew() -> None:
    silence = Silence(limit_s=20)
    look_for_s(silence, HEARD, 0, 15)
    assert not any(look_for_s(silence, HEARD, 60, 81))
    assert silence.look(HEARD, 81.0) == {"a", "b"}
