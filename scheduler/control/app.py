"""The Celery application of the farm's own tasks: the entry module of `celery -A scheduler.control.app worker|beat`.

Settings are read and logging is set up here, once per process. Runs on a stock pool. Task modules are loaded by name,
so that this package need not know what lies above it.
"""

import logging
import warnings
from functools import cache
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import beat_init, celeryd_init, setup_logging

from harness.errors import UsageError
from harness.log import configure_logging, get_logger
from scheduler.control.beat import TICKS
from scheduler.control.farm import Farm, open_farm
from scheduler.control.startup import check_start
from scheduler.settings import FarmSettings, load_settings
from workers.broker import build_consuming_app

TASK_MODULES = ("scheduler.control.tasks", "scheduler.operate.tasks")
THREADS = 4
USAGE_EXIT = 2
CHATTY = ("celery.worker.strategy", "celery.app.trace", "celery.beat")
"""Loggers that would say every five seconds that a tick came and went."""


def make_app(settings: FarmSettings) -> Celery:
    """The application of a farm. Raises UsageError when it does not know its Redis."""
    if not settings.redis_url:
        raise UsageError("MCPF_REDIS_URL is not set; `mcp-test-harness serve` finds out by itself, this command cannot")
    app = build_consuming_app(settings)
    app.conf.update(
        imports=TASK_MODULES,
        beat_schedule=TICKS,
        beat_scheduler="celery.beat:Scheduler",  # a fixed list needs no file
        worker_pool="threads",
        worker_concurrency=THREADS,
        worker_send_task_events=False,
    )
    return app


settings = load_settings()
app = make_app(settings)


@cache
def farm() -> Farm:
    """The farm, opened by the first task of this process and open until it ends."""
    return open_farm(settings).__enter__()


def refuse_what_breaks_promises(**_options: Any) -> None:
    """End this process with 2 before it does anything. Celery would log and pass over any other exception."""
    try:
        check_start(settings, app.conf)
    except UsageError as error:
        for problem in str(error).splitlines():
            get_logger("startup").error("start.refused", problem=problem)
        raise SystemExit(USAGE_EXIT) from error


def keep_our_logging(**_options: Any) -> None:
    """Celery sets up no logging of its own where somebody listens to this signal."""


configure_logging(settings.log_level, settings.log_format, process=settings.process)
for name in CHATTY:
    logging.getLogger(name).setLevel(logging.WARNING)
setup_logging.connect(keep_our_logging)
for starting in (celeryd_init, beat_init):
    starting.connect(refuse_what_breaks_promises)
warnings.filterwarnings("ignore", category=SecurityWarning)  # of root and pickle; we accept JSON only
