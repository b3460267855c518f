"""What beat sends, and how often."""

from scheduler.control.beat import EVERY_S, RECOVER, SCHEDULES, TICKS, UPKEEP
from workers.messages import CONTROL_QUEUE


def test_recovery_ticks_every_five_seconds_and_the_rest_every_fifteen() -> None:
    assert {tick["task"]: tick["schedule"] for tick in TICKS.values()} == {RECOVER: 5.0, SCHEDULES: 15.0, UPKEEP: 15.0}


def test_a_tick_goes_to_control_and_expires_before_the_next_but_one() -> None:
    for tick in TICKS.values():
        assert tick["options"] == {"queue": CONTROL_QUEUE, "expires": EVERY_S[tick["task"]]}
