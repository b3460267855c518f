"""Answers one call, then never reads its stdin again."""

import time

from speak import reply, serve, text


def go(request: dict) -> None:
    reply(request, text("the last one"))
    while True:
        time.sleep(60)


serve(go)
