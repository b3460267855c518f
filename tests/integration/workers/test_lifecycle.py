"""A worker that cannot say any more that it lives ends, so that another takes its place."""

import subprocess
import sys

from workers.lifecycle import EXIT_BROKEN

CHILD = """
import asyncio
from workers.health import Consumption
from workers.lifecycle import Lifecycle
from workers.vitals import Vitals

class Broken:
    def eval(self, *args):
        raise TypeError("an answer that nobody expected")

async def live():
    Lifecycle(Broken(), "w1", {}, Vitals(Consumption((), 1)), lambda: None).start(asyncio.get_running_loop())
    await asyncio.sleep(30)

asyncio.run(live())
"""


def test_a_heartbeat_that_fails_in_an_unknown_way_ends_the_worker() -> None:
    ended = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == EXIT_BROKEN
    assert "its heartbeat failed" in ended.stdout + ended.stderr
