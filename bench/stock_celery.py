"""The peer for throughput: Celery as it comes, threads pool and default options, running tasks that do nothing."""

import os
import subprocess
import sys
import time
from contextlib import ExitStack

import redis

from bench.measure import children_cpu_s
from scheduler.operate.embedded_redis import RedisServer, start_redis

APP = """
import os
from celery import Celery
app = Celery("stock", broker=os.environ["STOCK_BROKER"])

@app.task(name="noop")
def noop():
    pass
"""


def measure_stock(tasks: int, processes: int) -> dict[str, float]:
    """Tasks a second from the first publication until nothing is queued or unacknowledged, and CPU per task."""
    with ExitStack() as stack:
        server = stack.enter_context(start_redis())
        server.wait_ready()
        folder = server.socket.parent
        (folder / "stock.py").write_text(APP)
        env = {
            **os.environ,
            "STOCK_BROKER": f"redis+socket://:{server.password}@{server.socket}",
            "PYTHONPATH": str(folder),
        }
        cpu = children_cpu_s()
        workers = [_start_worker(env, number) for number in range(processes)]
        try:
            _publish(env, 20 * processes)
            _wait_drained(server)
            started = time.monotonic()
            _publish(env, tasks)
            _wait_drained(server)
            elapsed = time.monotonic() - started
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait(30)
    return {"stock_tasks_per_s": tasks / elapsed, "stock_cpu_ms_per_task": 1000 * (children_cpu_s() - cpu) / tasks}


def _start_worker(env: dict[str, str], number: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "celery", "-A", "stock", "worker", "-P", "threads", "-n", f"w{number}@%h"]
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _publish(env: dict[str, str], count: int) -> None:
    code = f"import stock\nfor _ in range({count}): stock.noop.delay()"
    subprocess.run([sys.executable, "-c", code], env=env, check=True)


def _wait_drained(server: RedisServer) -> None:
    client = redis.Redis.from_url(server.url)
    deadline = time.monotonic() + 120
    while client.llen("celery") or client.zcard("unacked_index"):
        if time.monotonic() > deadline:
            raise TimeoutError("stock Celery did not drain its queue")
        time.sleep(0.005)
    client.close()
