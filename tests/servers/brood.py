"""On `go`, starts processes that try to stay: re-sessioned, double-forked, nameless, stubborn, re-forking."""

import os
import signal
import time

from speak import reply, serve, text


def settle(pids: int, *, stubborn: bool = False) -> None:
    if stubborn:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
    os.write(pids, b"%d " % os.getpid())
    time.sleep(300)
    os._exit(0)


def child(run) -> None:
    if os.fork() == 0:
        os.setsid()
        run()
        os._exit(0)


def double(run) -> None:
    child(lambda: os._exit(0) if os.fork() else run())


def empty_environment(pids: int) -> None:
    os.set_inheritable(pids, True)
    code = f"import os,time; os.write({pids}, b'%d ' % os.getpid()); time.sleep(300)"
    os.execve("/proc/self/exe", ["python", "-I", "-S", "-c", code], {})


def chain(pids: int) -> None:
    for _ in range(200):
        time.sleep(0.005)
        if os.fork():
            os._exit(0)
        os.setsid()
    settle(pids)


def go(request: dict) -> None:
    readable, pids = os.pipe()
    child(lambda: settle(pids, stubborn=True))
    double(lambda: settle(pids))
    double(lambda: empty_environment(pids))
    double(lambda: chain(pids))
    found = b""
    while found.count(b" ") < 3:
        found += os.read(readable, 4096)
    reply(request, text(found.decode().strip()))


serve(go)
