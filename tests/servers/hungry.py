"""Uses what `go` is told: `mb` of memory while it is called, `burn_s` of CPU time, `children` that burn as much.

With `orphans`, one process more burns as much, whose parent has ended.
"""

import os
import time

from speak import reply, serve, text


def burn(seconds: float) -> None:
    while time.process_time() < seconds:
        pass


def on_call(request: dict) -> None:
    arguments = request["params"]["arguments"]
    ballast = b"x" * (arguments.get("mb", 0) * 1024 * 1024)
    pids = []
    for _ in range(arguments.get("children", 0)):
        pids.append(os.fork())
        if pids[-1] == 0:
            burn(arguments.get("burn_s", 0))
            time.sleep(arguments.get("sleep_s", 0))
            os._exit(0)
    if arguments.get("orphans"):
        pids.append(os.fork())
        if pids[-1] == 0:
            if os.fork() == 0:
                burn(arguments.get("burn_s", 0))
            os._exit(0)
    burn(time.process_time() + arguments.get("burn_s", 0))
    time.sleep(arguments.get("sleep_s", 0))
    for pid in pids:
        os.waitpid(pid, 0)
    reply(request, text(len(ballast)))


serve(on_call)
