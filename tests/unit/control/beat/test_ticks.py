"""What beat sends, and how often."""

from scheduler.control.beat import DUE, RECOVER, SCHEDULES, TICKS, UPKEEP
from workers.messages import CONTROL_QUEUE


def test_what_is_due_ticks_every_second_recovery_every_five_and_schedules_every_fifteen() -> None:
    ticks = {tick["task"]: tick["schedule"] for tick in TICKS.values()}
    assert ticks == {DUE: 1.0, RECOVER: 5.0, UPKEEP: 5.0, SCHEDULES: 15.0}


def test_a_tick_goes_to_control_and_expires_after_half_a_minute() -> None:
    for tick in TICKS.values():
        assert tick["options"] == {"queue": CONTROL_QUEUE, "expires": 30.0}
