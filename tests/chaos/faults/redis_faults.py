"""Faults of Redis and of the network before it."""

from tests.chaos.faults.fault import SOME, TWICE, Fault
from tests.chaos.proxy import Mode
from tests.chaos.scene import Scene

DOWN_S, FULL_S, HUNG_S, SLOW_S, LATE_S = 3.0, 8.0, 10.0, 15.0, 0.05
BEGIN, MIDDLE, END = 0.0, 0.45, 0.8


def restart(scene: Scene) -> None:
    """SIGTERM, away for a while, and back with its append-only file."""
    scene.mark_everything()
    scene.farm.redis.stop()
    scene.last(DOWN_S)
    scene.farm.redis.start()


def crash(scene: Scene) -> None:
    """SIGKILL, away for a while, and back with its append-only file."""
    scene.mark_everything()
    scene.farm.redis.kill()
    scene.last(DOWN_S)
    scene.farm.redis.start()


def flush(scene: Scene) -> None:
    """FLUSHALL."""
    scene.mark_everything()
    with scene.farm.client() as client:
        client.flushall()


def fill(scene: Scene) -> None:
    """It takes no more: every write is refused for a while."""
    scene.mark_everything()
    with scene.farm.client() as client:
        client.config_set("maxmemory", 1)
        scene.last(FULL_S)
        client.config_set("maxmemory", 0)


def slow(scene: Scene) -> None:
    """Every answer and every request is late."""
    scene.mark_everything()
    scene.farm.redis_proxy.become(Mode.SLOW, LATE_S)
    scene.last(SLOW_S)
    scene.farm.redis_proxy.become(Mode.FINE)


def hang(scene: Scene) -> None:
    """Nothing moves for a while."""
    _become_for(scene, Mode.HUNG)


def half_open(scene: Scene) -> None:
    """Requests arrive, their answers do not."""
    _become_for(scene, Mode.HALF_OPEN)


def reset(scene: Scene) -> None:
    """Every connection is reset."""
    scene.mark_everything()
    scene.farm.redis_proxy.reset()


def _become_for(scene: Scene, mode: Mode) -> None:
    scene.mark_everything()
    scene.farm.redis_proxy.become(mode)
    scene.last(HUNG_S)
    scene.farm.redis_proxy.become(Mode.FINE)


REDIS = (
    Fault("Redis restarted", restart, SOME),
    Fault("Redis killed and started", crash, SOME),
    Fault("Redis flushed at the start", flush, (BEGIN,)),
    Fault("Redis flushed in the middle", flush, (MIDDLE,)),
    Fault("Redis flushed near the end", flush, (END,)),
    Fault("Redis full", fill, TWICE),
    Fault("Redis slow", slow, TWICE),
    Fault("Redis hung", hang, TWICE),
    Fault("Redis connections reset", reset, SOME),
    Fault("Redis half-open", half_open, TWICE),
)
