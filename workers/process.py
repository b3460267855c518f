"""One worker process, from its settings to its exit: logging, scratch directory, Celery's worker, end with the parent.

Exit codes: 0 stopped as told, or replaced for its size; 2 settings that cannot be obeyed; 1 Celery gave up; 70 it had
become useless; 75 it can start no server.
"""

import logging
import os
import signal
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

from celery import signals
from celery.platforms import SecurityWarning
from pydantic import ValidationError
from redis.exceptions import RedisError

from harness.containment.launcher import Launcher
from harness.errors import UsageError
from harness.log import configure_logging, get_logger, scrub_logs
from harness.mcp.sandbox import remove_tree
from harness.secrets.store import SecretStore
from workers.admission import USAGE_EXIT, Admission, complain
from workers.app import build_worker_app
from workers.bundles import BlobSource, DirectoryBlobSource
from workers.departure import Departure
from workers.directory_sink import DirectoryBlobSink
from workers.evidence import BlobSink
from workers.messages import own_queue
from workers.redis_clients import redis_client
from workers.scratch import scratch_directory
from workers.service import Means, WorkerService
from workers.settings import WorkerSettings, secret_environment

log = get_logger("worker")

ORPHAN_S = 3.0
"""How long a worker whose parent died may take to hand back its tests."""


def run_worker(launcher: Launcher, *, die_with_stdin: bool) -> int:
    """Run one worker until a signal, or the end of the parent, stops it; returns the exit code."""
    try:
        settings = WorkerSettings()
        configure_logging(settings.log_level, settings.log_format, process="worker", worker=settings.worker_name)
        secrets = SecretStore(secret_environment(), Path(settings.secrets_file) if settings.secrets_file else None)
    except (ValidationError, ValueError, UsageError) as error:
        sys.stderr.write(f"worker: {error}\n")
        return USAGE_EXIT
    scrub_logs(lambda line: secrets.scrubber.text(line))
    os.umask(0o077)
    with scratch_directory(settings.worker_name, settings.scratch_dir) as scratch:
        if die_with_stdin:
            threading.Thread(target=_die_with_stdin, args=(scratch,), name="parent", daemon=True).start()
        departure = Departure()
        means = Means(_source(settings), _sink(settings), secrets)
        service = WorkerService(settings, launcher, means, scratch, departure)
        return _run_celery(settings, service) or departure.exit_code


def _run_celery(settings: WorkerSettings, service: WorkerService) -> int:
    app = build_worker_app(settings, service)
    admission = Admission(settings, app.conf)
    if problems := admission.refusals():
        complain(problems)
        return USAGE_EXIT
    service.at_each_beat(admission.at_beat)
    signals.setup_logging.connect(_leave_logging_alone)
    warnings.filterwarnings("ignore", category=SecurityWarning)  # of root and pickle; we accept JSON only
    worker = app.Worker(
        hostname=f"worker@{settings.worker_name}",
        loglevel=logging.getLevelNamesMapping()[settings.log_level.upper()],
        quiet=True,
        without_gossip=True,
        without_mingle=True,
    )
    try:
        worker.start()
    finally:
        _forget_own_queue(settings)
    return int(worker.exitcode or 0)


def _forget_own_queue(settings: WorkerSettings) -> None:
    """Delete the queue that only this worker reads, now that kombu has put back what had not begun.

    Its tests are still leased: recovery sees that nobody has their messages.
    """
    with redis_client(settings.redis_url, retries=0) as client:
        try:
            client.delete(own_queue(settings.pool, settings.worker_name))
        except (RedisError, OSError) as error:
            log.warning("redis.away", error=str(error))


def _source(settings: WorkerSettings) -> BlobSource:
    if settings.blob_dir:
        return DirectoryBlobSource(Path(settings.blob_dir))
    from workers.api_blobs import ApiBlobSource  # noqa: PLC0415  # httpx is slow to import, an embedded farm needs none

    return ApiBlobSource(settings.api_url)


def _sink(settings: WorkerSettings) -> BlobSink:
    if settings.blob_dir:
        return DirectoryBlobSink(Path(settings.blob_dir))
    from workers.api_sink import ApiBlobSink  # noqa: PLC0415  # as above

    return ApiBlobSink(settings.api_url)


def _die_with_stdin(scratch: Path) -> None:
    """Wait for the end of the parent, which holds the other end; then hand back what runs, and go."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    log.warning("worker.orphaned")
    os.kill(os.getpid(), signal.SIGQUIT)
    threading.Event().wait(ORPHAN_S)
    remove_tree(scratch)
    os._exit(0)


def _leave_logging_alone(**_: Any) -> None:
    """Connected to Celery's `setup_logging`: its mere presence keeps Celery from configuring any."""
