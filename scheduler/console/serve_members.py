"""Owns what each process of a farm is: its command line and its environment. Pure; `serve` starts them."""

import signal
import sys
from collections.abc import Callable, Sequence

from scheduler.operate.environment import farm_environment, flower_environment, worker_environment
from scheduler.operate.supervise import Member
from scheduler.settings import FarmSettings

PYTHON = (sys.executable, "-P", "-m")
CELERY = (*PYTHON, "celery", "-A", "scheduler.control.app", "--quiet")
FLOWER_TASKS = 10_000
"""How many tests Flower keeps in memory."""

Maker = Callable[[FarmSettings, Sequence[int]], list[Member]]


def members_of(names: Sequence[str], settings: FarmSettings, fds: Sequence[int]) -> list[Member]:
    """The processes that `names` mean. `fds` are the API's listening sockets: its own, then that of the metrics."""
    return [member for name in names for member in MAKERS[name](settings, fds)]


def _api(settings: FarmSettings, fds: Sequence[int]) -> list[Member]:
    command = (*PYTHON, "scheduler.console.serve_api", "--fd", str(fds[0]), "--metrics-fd", str(fds[1]))
    return [Member("api", command, farm_environment(settings), fds=tuple(fds))]


def _control(settings: FarmSettings, _fds: Sequence[int]) -> list[Member]:
    command = (*CELERY, "worker", "-Q", "control", "-n", "control@%h", "--without-gossip", "--without-mingle")
    return [Member("control", command, farm_environment(_named(settings, "control")))]


def _beat(settings: FarmSettings, _fds: Sequence[int]) -> list[Member]:
    return [Member("beat", (*CELERY, "beat"), farm_environment(_named(settings, "beat")))]


def _worker(settings: FarmSettings, _fds: Sequence[int]) -> list[Member]:
    """SIGQUIT makes a worker hand its tests back at once, where SIGTERM would let them end first."""
    command, environment = (*PYTHON, "workers", "--die-with-stdin"), worker_environment(settings)
    return [
        Member(f"worker-{number + 1}", command, environment, stop=signal.SIGQUIT, death=signal.SIGQUIT)
        for number in range(settings.workers)
    ]


def _flower(settings: FarmSettings, _fds: Sequence[int]) -> list[Member]:
    options = (
        f"--address={settings.flower_host}",
        f"--port={settings.flower_port}",
        f"--max-tasks={FLOWER_TASKS}",
        "--logging=none",  # tornado's; ours is set up already
        "--tasks-columns=name,args,state,received,runtime,worker",
    )
    return [Member("flower", (*CELERY, "flower", *options), flower_environment(_named(settings, "flower")))]


def _named(settings: FarmSettings, process: str) -> FarmSettings:
    """Celery's processes load one and the same application: they must be told which they are."""
    return settings.model_copy(update={"process": process})


MAKERS: dict[str, Maker] = {"api": _api, "control": _control, "worker": _worker, "beat": _beat, "flower": _flower}
"""The five words of DESIGN, each with the processes it stands for."""
