"""What a fault is: a name, when it is injected, and functions on the scene. Each family has a file and a table."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos.planned import Truth
from tests.chaos.scene import Scene

Act = Callable[[Scene], bool | None]
"""False: it did not come about, and is not counted."""
Lasting = Callable[[Scene], contextlib.AbstractContextManager[None]]

OFTEN = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8)
SOME = (0.08, 0.35, 0.65)
TWICE = (0.1, 0.5)
ONCE = (0.1,)


def nothing(_scene: Scene) -> bool:
    """No act."""
    return False


def nothing_lasting(_scene: Scene) -> contextlib.AbstractContextManager[None]:
    """No act that lasts."""
    return contextlib.nullcontext()


def as_it_is(truth: Truth) -> Truth:
    """The fault allows no other outcome."""
    return truth


@dataclass(frozen=True)
class Fault:
    """One row of the table in docs/reliability.md.

    `prepared` holds from before the runs are submitted, `around` from then, both until their end; `inject` is called
    when these shares of the main run are done, and returns when the fault is over; `after` is called when the runs are
    closed. `allows` widens the truth.
    """

    name: str
    inject: Act = nothing
    at: tuple[float, ...] = ()
    prepared: Lasting = nothing_lasting
    around: Lasting = nothing_lasting
    after: Act = nothing
    allows: Callable[[Truth], Truth] = as_it_is
