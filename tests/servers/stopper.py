"""Stops its keeper on the first call: from then on nothing of it is relayed, and no order to end it is heard."""

import os
import signal

from speak import reply, serve, text


def go(request: dict) -> None:
    os.kill(os.getppid(), signal.SIGSTOP)
    reply(request, text("nobody will read this"))


serve(go)
