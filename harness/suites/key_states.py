"""The three states of a key."""

from enum import StrEnum
from typing import NamedTuple


class KeyState(StrEnum):
    """What becomes of a key that is written."""

    ACTS = "acts"
    DEFERRED = "deferred"  # said at every load
    REFUSED = "refused"  # an error


class State(NamedTuple):
    """A key's state. `said`: what an acting one is with us, or why one does not act."""

    state: KeyState
    said: str = ""
