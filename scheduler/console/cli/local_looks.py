"""Owns the closer looks into a state directory: how a run stands, the history of a test, the workers of its farm.

Nothing is created here: where there is no database, there are no runs; where no `serve` runs, there is no farm.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from harness.errors import FarmUnreachable
from harness.models.looking_back import TestHistory
from harness.models.run import RunStatus, TestReport, WorkerView
from scheduler.console.cli.local_runs import local_store, with_its_command
from scheduler.console.embedded.state_dir import StateDir
from scheduler.operate.addresses import find_redis
from scheduler.operate.workers import name_tests, see_workers
from scheduler.settings import FarmSettings, load_settings
from scheduler.store.database import open_store
from scheduler.store.history import test_history
from scheduler.store.queries import find_run, find_test, report_of_test
from scheduler.store.status import run_status
from scheduler.store.values import now_ms
from workers.redis_clients import redis_client


@contextmanager
def local_status(state: StateDir, name: str) -> Iterator[Callable[[], RunStatus]]:
    """What tells how a run stands, as often as it is called. RunMissing, UsageError."""
    with local_store(state) as store:
        with store.session() as session:
            run_id = find_run(session, name)

        def read() -> RunStatus:
            with store.session() as session:
                status = run_status(session, run_id, now_ms())
                return status.model_copy(update={"run": with_its_command(session, state, status.run)})

        yield read


def local_test(state: StateDir, run: str, test: str) -> TestReport:
    """One test of a run with all its attempts. RunMissing, NoSuchTest, UsageError."""
    with local_store(state) as store, store.session() as session:
        run_id = find_run(session, run)
        return report_of_test(session, run_id, find_test(session, run_id, test))


def local_history(state: StateDir, name: str, limit: int) -> TestHistory:
    """What became of a test in the newest runs that had it. NoSuchTest, UsageError."""
    with local_store(state) as store, store.session() as session:
        return test_history(session, name, limit)


def farm_workers(state: StateDir) -> tuple[WorkerView, ...] | None:
    """The workers of the farm that `serve` runs in this state directory; None when none does."""
    settings = load_settings(state_dir=state.root)
    try:
        url = find_redis(settings, timeout_s=0).redis_url
    except FarmUnreachable:
        return None
    try:
        with redis_client(url) as client:
            return _with_names(see_workers(client), settings)
    except RedisError as error:
        raise FarmUnreachable(f"the farm's Redis does not answer: {type(error).__name__}; try again") from error


def _with_names(workers: tuple[WorkerView, ...], settings: FarmSettings) -> tuple[WorkerView, ...]:
    """Tests have names where the farm's database is known here; it may stand in a file that only `serve` was given."""
    if not settings.database_url and not StateDir(settings.state_dir).database.is_file():
        return workers
    with open_store(settings.database) as store, store.session() as session:
        return name_tests(session, workers)
