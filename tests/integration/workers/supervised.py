"""A farm whose workers are kept alive by a supervisor."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.integration.workers.farm import Farm


@contextmanager
def supervised(farm: Farm, *, processes: int, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    """`python -m workers --processes N` with workers named w-1-…, w-2-…, killed at the end with all below it."""
    told = {
        "MCPF_REDIS_URL": farm.server.url,
        "MCPF_BLOB_DIR": str(farm.directory / "blobs"),
        "MCPF_SCRATCH_DIR": str(farm.directory / "scratch"),
        "MCPF_WORKER_NAME": "w",
    }
    command = [sys.executable, "-P", "-m", "workers", "--processes", str(processes), "--die-with-stdin"]
    with (farm.directory / "supervisor.log").open("wb") as log:
        environment = {**os.environ, **told, **environment}
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
