"""Faults of the database and of the network before it."""

import contextlib

import psycopg

from scheduler.store.database import lock_number, run_lock
from tests.chaos.faults.fault import OFTEN, ONCE, SOME, Fault
from tests.chaos.proxy import Mode
from tests.chaos.scene import Scene

DOWN_S, BRIEFLY_S, HELD_S = 60.0, 10.0, 6.0
GATHER_S = 0.4
COUNTED_S = 1.5


def away(scene: Scene) -> None:
    """Nobody reaches it for a minute."""
    _away_for(scene, DOWN_S)


def away_briefly(scene: Scene) -> None:
    """Nobody reaches it for some seconds."""
    _away_for(scene, BRIEFLY_S)


def _away_for(scene: Scene, seconds: float) -> None:
    scene.mark_everything()
    scene.farm.postgres_proxy.become(Mode.DOWN)
    scene.last(seconds)
    scene.farm.postgres_proxy.become(Mode.FINE)


def deadlock(scene: Scene) -> bool:
    """A session holds rows of tests that control wants, and wants the run's lock that control holds; control gives way.

    False when control did not come by in time.
    """
    before = _deadlocks(scene)
    with psycopg.connect(scene.farm.database_url) as connection, contextlib.suppress(psycopg.OperationalError):
        connection.execute("SET deadlock_timeout = '10s'")  # control, with one second, is the one to notice
        rows = "SELECT 1 FROM tests WHERE run_id = %s AND state IN ('published', 'started') FOR UPDATE"
        connection.execute(rows, (scene.main.id,))
        scene.last(GATHER_S)
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (lock_number(run_lock(scene.main.id)),))
    scene.last(COUNTED_S)
    return _deadlocks(scene) > before


def _deadlocks(scene: Scene) -> int:
    query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    return int(str(scene.farm.sql(query)[0][0]))


def hold(scene: Scene) -> None:
    """A session holds the run's row for some seconds."""
    with psycopg.connect(scene.farm.database_url) as connection:
        connection.execute("SELECT 1 FROM runs WHERE id = %s FOR UPDATE", (scene.main.id,))
        scene.last(HELD_S)


DATABASE = (
    Fault("database away for 60 s", away, ONCE),
    Fault("database away for 10 s", away_briefly, SOME),
    Fault("database deadlock", deadlock, OFTEN),
    Fault("a run's row held", hold, SOME),
)
