"""A farm without workers: a database, an embedded Redis, control's functions; and runs of any size to submit to it."""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.databases import open_database
from harness.models.job import Bundle, BundleFile
from harness.models.run import RunRequest
from harness.suites.bundle import canonical_json
from scheduler.control.farm import Farm, open_farm
from scheduler.operate.embedded_redis import start_redis
from scheduler.settings import FarmSettings

SUITE_TESTS = 2_500
"""A suite file holds 1 MiB at most."""
CONCURRENCY = 64


@contextmanager
def bare_farm(kind: str) -> Iterator[Farm]:
    """An open farm on a database of this kind, all of it gone at the end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mcpf-bench-")))
        folder.chmod(0o755)  # PostgreSQL may run as another user
        redis = stack.enter_context(start_redis())
        redis.wait_ready()
        url = stack.enter_context(open_database(kind, folder))
        settings = FarmSettings(state_dir=folder / "state", database_url=url, redis_url=redis.url)
        yield stack.enter_context(open_farm(settings))


def request_of(farm: Farm, tests: int, per_suite: int = SUITE_TESTS) -> RunRequest:
    """Store a bundle of `tests` tests in suites of `per_suite`, each with a server of its own; what to submit."""
    sizes = [min(per_suite, tests - first) for first in range(0, tests, per_suite)]
    files = tuple(_store(farm, f"s{index}.yaml", _suite(index, size)) for index, size in enumerate(sizes))
    bundle = canonical_json(Bundle(suites=tuple(file.path for file in files), files=files))
    return RunRequest(bundle=_store(farm, "bundle", bundle).digest)


def _store(farm: Farm, path: str, content: bytes) -> BundleFile:
    digest = hashlib.sha256(content).hexdigest()
    farm.blobs.put(content, digest)
    return BundleFile(path=path, digest=digest, size_bytes=len(content))


def _suite(index: int, count: int) -> bytes:
    """JSON is YAML."""
    tests = [{"name": f"t{n}", "input": {"text": f"hi {n}"}, "expected": {"error": False}} for n in range(count)]
    suite = {
        "name": f"suite{index}",
        "server": {"command": "python3", "args": [f"server{index}.py"]},
        "test_config": {"max_concurrency": CONCURRENCY},
        "tools": [{"name": "echo", "tests": tests}],
    }
    return json.dumps(suite).encode()
