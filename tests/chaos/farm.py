"""A real farm in processes of its own: Redis, PostgreSQL, api, control, beat and workers, proxies before the first two.

Everything lies below one folder that is removed at the end, whatever happened; each process is started with its path.
"""

import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import redis

from tests.acceptance.farm.conftest import free_port
from tests.chaos.machines import PostgresProcess, RedisProcess
from tests.chaos.members import Member
from tests.chaos.proxy import Proxy
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
START_S = 120.0
POOL, SHARDS, SLOTS = "default", 4, 8
MAX_WORKERS = 3
COMMAND = "import sys; sys.argv[0] = 'mcp-test-harness'; from scheduler.console.cli.main import run; run()"
"""The console script, of whichever product PYTHONPATH names."""


@dataclass
class Farm:
    """The farm, and handles on all its parts. `workers` are those that should live now."""

    folder: Path
    product: Path
    redis: RedisProcess
    postgres: PostgresProcess
    redis_proxy: Proxy
    postgres_proxy: Proxy
    api_port: int
    metrics_port: int
    members: dict[str, Member] = field(default_factory=dict)
    workers: list[Member] = field(default_factory=list)
    retired: list[Member] = field(default_factory=list)
    started: int = 0

    @property
    def url(self) -> str:
        """Of the API."""
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def key(self) -> str:
        """The admin key, as the api showed it."""
        text = self.members["api"].log.read_text()
        return text.split("admin key, shown only now: ")[1].split()[0]

    @property
    def scratch(self) -> Path:
        """Where the workers' directories are."""
        return self.folder / "scratch"

    @property
    def database_url(self) -> str:
        """The database, past the proxy."""
        return self.postgres.url(self.postgres.port)

    def worker_redis_url(self) -> str:
        """What workers are given."""
        return str(json.loads((self.folder / "state" / "addresses.json").read_text())["worker_redis_url"])

    def secrets(self) -> tuple[str, ...]:
        """What no output may tell."""
        worker_password = self.worker_redis_url().split(":")[2].split("@")[0]
        return (self.redis.password, self.postgres.password, worker_password, self.key)

    def ask(self, path: str) -> httpx.Response:
        """GET with the admin key."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.get(self.url + path, headers=headers, trust_env=False, timeout=30).raise_for_status()

    def metrics(self) -> str:
        """The page of metrics."""
        url = f"http://127.0.0.1:{self.metrics_port}/metrics"
        return httpx.get(url, trust_env=False, timeout=30).raise_for_status().text

    def client(self) -> redis.Redis:
        """Redis, past the proxy."""
        return self.redis.client()

    def sql(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Rows of a query, past the proxy."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def start_member(self, name: str, serves: str) -> Member:
        """One line of the Procfile."""
        ports = ("--port", str(self.api_port), "--metrics-port", str(self.metrics_port)) if serves == "api" else ()
        command = (sys.executable, "-c", COMMAND, "serve", "--only", serves, *ports)
        self.members[name] = Member(name, command, self.environment(), self.folder)
        return self.members[name]

    def start_worker(self, *wrapper: str, product: Path | None = None, **settings: str) -> Member:
        """`python -m workers`, behind a wrapping command, of another product, or with other settings where asked."""
        self.started += 1
        name = f"w{self.started}"
        told = {
            "MCPF_REDIS_URL": self.worker_redis_url(),
            "MCPF_API_URL": self.url,
            "MCPF_WORKER_NAME": name,
            "MCPF_POOL": POOL,
            "MCPF_SHARDS": str(SHARDS),
            "MCPF_SLOTS": str(SLOTS),
            "MCPF_SCRATCH_DIR": str(self.scratch),
            "MCPF_IDLE_SESSION_S": "3",
        }
        command = (*wrapper, sys.executable, "-P", "-m", "workers")
        environment = clean_environment(product or self.product) | told | settings
        self.workers.append(Member(name, command, environment, self.folder))
        return self.workers[-1]

    def retire(self, worker: Member) -> None:
        """It is gone, or is to go: no longer one of those that should live."""
        if worker in self.workers:
            self.workers.remove(worker)
            self.retired.append(worker)

    def replace(self, worker: Member) -> Member:
        """As a supervisor would: another one in the place of a dead one."""
        self.retire(worker)
        return self.start_worker()

    def wait_for_workers(self) -> None:
        """Return when every worker that should live has announced itself."""
        names = {worker.name for worker in self.workers}
        wait_until(lambda: names <= set(self.live_workers()), START_S, f"not all of {names} announced themselves")

    def live_workers(self) -> list[str]:
        """Whom Redis knows."""
        with self.client() as client:
            return [str(name) for name in client.zrange("farm:workers", 0, -1) if client.exists(f"farm:worker:{name}")]

    def environment(self) -> dict[str, str]:
        """Of api, control and beat."""
        return clean_environment(self.product) | {
            "MCPF_STATE_DIR": str(self.folder / "state"),
            "MCPF_DATABASE_URL": self.postgres.url(self.postgres_proxy.port),
            "MCPF_REDIS_URL": self.redis.url(self.redis_proxy.port),
            "MCPF_API_PORT": str(self.api_port),
            "MCPF_POOL": POOL,
            "MCPF_SHARDS": str(SHARDS),
            "MCPF_LOG_LEVEL": "info",
        }

    def everyone(self) -> list[Member]:
        """All processes ever started, workers first."""
        return [*self.workers, *self.retired, *reversed(self.members.values())]

    def stop(self) -> None:
        """SIGTERM to all at once; SIGKILL to those that do not end."""
        for member in self.everyone():
            member.ask_to_stop()
        for member in self.everyone():
            member.stop()


@contextlib.contextmanager
def running_farm(product: Path = ROOT, *, workers: int = 2) -> Iterator[Farm]:
    """A farm that is ready, with so many workers. All of it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mcpf-chaos-"))
    folder.chmod(0o755)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        machine = RedisProcess(folder / "redis", free_port())
        stack.callback(machine.kill)
        machine.start()
        postgres = PostgresProcess(folder / "postgres", free_port())
        stack.callback(postgres.stop)
        postgres.start()
        redis_proxy = stack.enter_context(Proxy(machine.port))
        postgres_proxy = stack.enter_context(Proxy(postgres.port))
        ports = (free_port(), free_port())
        farm = Farm(folder, product, machine, postgres, redis_proxy, postgres_proxy, *ports)
        stack.callback(farm.stop)
        _start(farm, workers)
        yield farm


def _start(farm: Farm, workers: int) -> None:
    farm.scratch.mkdir(mode=0o700)
    for name in ("api", "control", "beat"):
        farm.start_member(name, name)
    wait_until(lambda: _is_ready(farm), START_S, "the farm is not ready")
    for _ in range(workers):
        farm.start_worker()
    farm.wait_for_workers()


def _is_ready(farm: Farm) -> bool:
    api = farm.members["api"]
    if not api.lives:
        raise RuntimeError(f"api ended: {api.log.read_text()[-2000:]}")
    try:
        return httpx.get(f"{farm.url}/ready", trust_env=False).is_success
    except httpx.TransportError:
        return False


def clean_environment(product: Path) -> dict[str, str]:
    """Ours without the settings of a farm, the product to be imported first."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("MCPF_", "FLOWER_"))}
    return ours | {"PYTHONPATH": str(product)}
