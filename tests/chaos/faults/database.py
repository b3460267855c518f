"""Faults of the database and of the network before it."""

import contextlib

import psycopg

from tests.chaos.faults.fault import OFTEN, ONCE, SOME, Fault
from tests.chaos.proxy import Mode
from tests.chaos.scene import Scene

DOWN_S, BRIEFLY_S, HELD_S = 60.0, 10.0, 6.0
GATHER_S = 0.4
ROWS = 40


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


def deadlock(scene: Scene) -> None:
    """A session holds rows of tests that control wants, and then wants the run's row that control holds."""
    with psycopg.connect(scene.farm.database_url) as connection, contextlib.suppress(psycopg.OperationalError):
        rows = "SELECT 1 FROM tests WHERE run_id = %s AND outcome IS NULL LIMIT %s FOR UPDATE"
        connection.execute(rows, (scene.main.id, ROWS))
        scene.last(GATHER_S)
        connection.execute("SELECT 1 FROM runs WHERE id = %s FOR UPDATE", (scene.main.id,))
        scene.last(GATHER_S)


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
