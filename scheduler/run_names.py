"""How people name a run beside its id: `last`, `last~1` for the one before it. Pure."""

import re

MAX_BACK = 499
HELP = "`last`, `last~1` (the one before it), an id, or its beginning"

_LAST = re.compile(r"last(?:~([0-9]{1,9}))?")


def runs_back(name: str) -> int | None:
    """How many runs before the newest one `name` means: 0 for `last`; None when it is no such name.

    What lies too far back to be kept is given as it is: there is no such run.
    """
    found = _LAST.fullmatch(name)
    return int(found[1] or 0) if found else None
