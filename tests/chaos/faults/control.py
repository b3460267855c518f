"""Faults of control and beat."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator

from tests.chaos.faults.fault import OFTEN, SOME, TWICE, Fault
from tests.chaos.proxy import Trap
from tests.chaos.scene import Scene, owner_of
from tests.processes import descendants

TRAP_S = 15.0
PAUSE_S = 20.0
LEASES = b"farm:lease:"
"""What control writes of a lease that it publishes stands in one pipeline with the messages."""


def kill_before_ack(scene: Scene) -> bool:
    """Control has committed a batch, and dies before it acknowledges it."""
    return _kill_control_at(scene, b"XACK", b"")


def kill_before_publish(scene: Scene) -> bool:
    """Control has committed what it publishes, and dies before leases and messages are written."""
    return _kill_control_at(scene, b"HSET", LEASES)


def kill_control(scene: Scene) -> None:
    """Control dies at any moment."""
    scene.mark_everything()
    _kill_below(scene, "control")


def kill_beat(scene: Scene) -> None:
    """Beat dies."""
    _kill_below(scene, "beat")


def pause_beat(scene: Scene) -> None:
    """Beat stands still, and then finds its ticks overdue, unless its supervisor has lost patience before."""
    pid = scene.farm.members["beat"].child()
    if pid is None:
        return
    os.kill(pid, signal.SIGSTOP)
    scene.last(PAUSE_S)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def two_beats(scene: Scene) -> Iterator[None]:
    """A second beat, all the time."""
    second = scene.farm.start_member("beat-2", "beat")
    scene.injections += 1
    yield
    second.stop()


def _kill_below(scene: Scene, member: str) -> None:
    """kill -9 of what the supervisor started, and all below it."""
    for pid in descendants(scene.farm.members[member].pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _kill_control_at(scene: Scene, word: bytes, other: bytes) -> bool:
    """Kill control when it sends a request with these words, which never arrives; False when it sent none in time."""
    caught: list[int] = []

    def is_control(port: int) -> bool:
        return owner_of(port, descendants(scene.farm.members["control"].pid)) is not None

    def strike(port: int) -> None:
        scene.mark_everything()
        _kill_below(scene, "control")
        caught.append(port)

    scene.farm.redis_proxy.set_trap(Trap(word, other, is_control, strike))
    until = time.monotonic() + TRAP_S
    while not caught and time.monotonic() < until and not scene.is_closed(scene.main):
        scene.last(0.05)
    scene.farm.redis_proxy.set_trap(None)
    return bool(caught)


CONTROL = (
    Fault("control killed between commit and XACK", kill_before_ack, SOME),
    Fault("control killed between commit and publish", kill_before_publish, SOME),
    Fault("control killed", kill_control, SOME),
    Fault("two beats", prepared=two_beats),
    Fault("beat killed", kill_beat, OFTEN),
    Fault("beat paused", pause_beat, TWICE),
)
