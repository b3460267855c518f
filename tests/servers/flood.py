"""Sends many notifications before each answer, then more, and as much stderr."""

import sys

from speak import reply, say, serve, text


def go(request: dict) -> None:
    count = request["params"]["arguments"]["count"]
    for number in range(count):
        say({"method": "notifications/message", "params": {"level": "info", "data": number}})
        sys.stderr.write(f"line {number} of stderr\n")
    reply(request, text(count))


serve(go)
