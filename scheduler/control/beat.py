"""The fixed list of ticks that Celery beat sends to `control`. Schedules of users are not here: they are rows.

Every tick is idempotent and guarded by the database, so two beats do no harm. A tick that nobody took in its time
expires: after a pause `control` does not find a hundred of them.
"""

from typing import Any

from workers.messages import CONTROL_QUEUE

DUE, RECOVER, SCHEDULES, UPKEEP = "farm.due", "farm.recover", "farm.schedules", "farm.upkeep"
EVERY_S = {DUE: 1.0, RECOVER: 5.0, SCHEDULES: 15.0, UPKEEP: 5.0}

EXPIRES_S = 30.0
"""At least: clocks of two machines may differ by seconds, and a tick must not be late before it comes."""

TICKS: dict[str, dict[str, Any]] = {
    task: {"task": task, "schedule": every_s, "options": {"queue": CONTROL_QUEUE, "expires": max(every_s, EXPIRES_S)}}
    for task, every_s in EVERY_S.items()
}
"""The value of Celery's `beat_schedule`."""
