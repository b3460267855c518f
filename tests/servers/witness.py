"""An MCP server that bears witness: every call is added, by the test's name, to a file that outlives it.

WITNESS_CALLS   the file, one line `call NAME PID` per call, in one write with O_APPEND, so that lines never mix
WITNESS_COUNTS  a folder: how often a test was asked, over all restarts, for `fail_first`
WITNESS_REFUSE  while this file exists the server does not start, and ends at its next call
WITNESS_CANARY  a secret that it never tells
Arguments of the tool `go`: test, sleep_ms, fail_first, behave (ok, wrong, is_error, refuse), chain, step.
"""

import os
import time

from speak import reply, say, serve, text

CALLS = os.environ["WITNESS_CALLS"]
COUNTS = os.environ["WITNESS_COUNTS"]
REFUSE = os.environ["WITNESS_REFUSE"]


def append(path: str, line: str) -> None:
    """One write to the end of a file."""
    sink = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(sink, line.encode())
    finally:
        os.close(sink)


def times_asked(test: str) -> int:
    """How often this test was called, this call included."""
    path = os.path.join(COUNTS, test)
    append(path, ".")
    return os.stat(path).st_size


def steps_so_far(chain: str) -> int:
    """How many steps of a chain were made in this sandbox: its state is a file there."""
    append(chain, ".")
    return os.stat(chain).st_size


def go(request: dict) -> None:
    """Answer as the test wants it."""
    asked = request["params"].get("arguments") or {}
    append(CALLS, f"call {asked['test']} {os.getpid()}\n")
    if os.path.exists(REFUSE):
        os._exit(5)
    behave = asked.get("behave", "ok")
    time.sleep(asked.get("sleep_ms", 0) / 1000)
    if asked.get("fail_first") and times_asked(asked["test"]) <= asked["fail_first"]:
        behave = "wrong"
    answer(request, asked, behave)


def answer(request: dict, asked: dict, behave: str) -> None:
    """What goes back."""
    if behave == "refuse":
        say({"id": request["id"], "error": {"code": -32000, "message": "refused"}})
    elif behave == "is_error":
        reply(request, {**text("it went wrong"), "isError": True})
    elif behave == "wrong":
        reply(request, text("wrong"))
    elif "chain" in asked:
        reply(request, text(f"step {steps_so_far(asked['chain'])}"))
    else:
        reply(request, text(f"ok {asked['test']}"))


if os.path.exists(REFUSE):
    raise SystemExit("witness: closed for a while")
serve(go)
