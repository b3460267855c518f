"""Answers, but stays when its stdin ends and when it is asked to terminate."""

import signal
import time

from speak import reply, serve, text

signal.signal(signal.SIGTERM, signal.SIG_IGN)
serve(lambda request: reply(request, text("heard")))
while True:
    time.sleep(60)
