"""How a worker leaves of its own accord: softly, as if told by SIGTERM, once, saying why. Decides nothing."""

import os
import signal
import threading
from typing import Any

from harness.log import get_logger

log = get_logger("worker")

EXIT_SICK = 75
"""EX_TEMPFAIL: come back later, there is nothing to be had here now."""


class Departure:
    """Of this process. Safe from any thread. `exit_code` is what the process is to end with."""

    def __init__(self) -> None:
        self.exit_code = 0
        self._decided = threading.Lock()

    def retire(self, reason: str, **facts: Any) -> None:
        """Finish what runs and end with exit code 0, for a fresh process to take our place at once."""
        if self._decided.acquire(blocking=False):
            log.warning("worker.retires", reason=reason, **facts)
            os.kill(os.getpid(), signal.SIGTERM)

    def report_sick(self, reason: str, **facts: Any) -> None:
        """The same with exit code 75: whoever takes our place had better wait a little."""
        if self._decided.acquire(blocking=False):
            self.exit_code = EXIT_SICK
            log.critical("worker.sick", reason=reason, **facts)
            os.kill(os.getpid(), signal.SIGTERM)
