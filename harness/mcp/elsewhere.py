"""The process of a server that runs elsewhere: there is none that we could see or end."""

import asyncio

from harness.containment.ending import ServerExit
from harness.containment.usage import Sample


class Elsewhere:
    """The Process of a server that is only reached."""

    pid = 0
    sample: Sample | None = None
    alive = True
    exit: ServerExit | None = None
    exit_text = ""

    def stderr_tail(self) -> str:
        """Nothing that we could hear."""
        return ""

    def look(self) -> "asyncio.Future[Sample | None] | None":
        """Nothing that we could see."""
        return None
