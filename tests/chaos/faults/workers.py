"""Faults of workers: killed, paused, stopped, sick, with a wrong clock, or of an older version."""

import contextlib
import io
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.chaos.farm import MAX_WORKERS, ROOT
from tests.chaos.faults.fault import SOME, TWICE, Fault
from tests.chaos.members import Member
from tests.chaos.proxy import Trap
from tests.chaos.scene import Scene, owner_of

SILENT_S = 20.0
TAKES, RECORDS = b"farm:cancelled:", b"farm:records:"
"""What only the EVAL of `take.lua`, only that of `record.lua` names."""
TRAP_S = 20.0
PREVIOUS = "e56590b"
"""The commit of the previous milestone."""
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


def kill_in_test(scene: Scene) -> None:
    """The busiest worker dies with its tests in its hands."""
    worker = scene.busiest_worker()
    scene.wait_until_busy(worker)
    _kill(scene, worker)


def kill_before_test(scene: Scene) -> bool:
    """A worker dies after it has popped a message and before it has the lease."""
    return _kill_at(scene, TAKES)


def kill_after_test(scene: Scene) -> bool:
    """A worker dies when the test has ended, and its record never arrives."""
    return _kill_at(scene, RECORDS)


def kill_all(scene: Scene) -> None:
    """Every worker dies at once, and others come."""
    dead = [*scene.farm.workers]
    scene.mark_worker(*dead)
    for worker in dead:
        worker.kill()
    for worker in dead:
        scene.farm.replace(worker)


def pause(scene: Scene) -> None:
    """A worker stands still for twice the silence, and goes on as if nothing had been."""
    worker = scene.busiest_worker()
    scene.wait_until_busy(worker)
    scene.mark_worker(worker)
    worker.pause()
    scene.last(2 * SILENT_S)
    worker.resume()


def roll(scene: Scene) -> None:
    """A rolling update: each worker is told to stop while another one starts."""
    for worker in [*scene.farm.workers]:
        scene.mark_worker(worker)
        worker.ask_to_stop()
        scene.farm.replace(worker)
        worker.stop()
        scene.farm.wait_for_workers()


@contextlib.contextmanager
def sick(scene: Scene) -> Iterator[None]:
    """A worker whose directory has become a file: it can give no server a sandbox."""
    worker = scene.farm.start_worker()
    scene.farm.wait_for_workers()
    scene.injections += 1
    for directory in scene.farm.scratch.glob(f"{worker.name}-*"):
        directory.rename(directory.with_name(f"gone-{directory.name}"))
        directory.touch()
    try:
        yield
    finally:
        for file in scene.farm.scratch.glob(f"{worker.name}-*"):
            file.unlink()
        for directory in scene.farm.scratch.glob(f"gone-{worker.name}-*"):
            shutil.rmtree(directory)


@contextlib.contextmanager
def wrong_clock(scene: Scene) -> Iterator[None]:
    """A worker whose clock can jump: `jump` writes the file that it reads its time from."""
    if not FAKETIME.exists():
        raise FileNotFoundError(f"{FAKETIME} is needed to turn a clock (Debian: apt-get install faketime)")
    clock = scene.farm.folder / "clock"
    clock.write_text("+0\n")
    worker = scene.farm.start_worker(
        LD_PRELOAD=str(FAKETIME),
        FAKETIME_TIMESTAMP_FILE=str(clock),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    scene.distorted.add(worker.name)
    scene.farm.wait_for_workers()
    yield


def jump(scene: Scene) -> None:
    """The clock of that worker jumps an hour on, and the next time two back."""
    clock = scene.farm.folder / "clock"
    clock.write_text("-3600\n" if clock.read_text().startswith("+3600") else "+3600\n")


@contextlib.contextmanager
def older_version(scene: Scene) -> Iterator[None]:
    """Half of the workers are of the previous milestone."""
    product = scene.farm.folder / "previous"
    packed = subprocess.run(("git", "archive", PREVIOUS), cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(product, filter="data")
    for _ in range(MAX_WORKERS - len(scene.farm.workers)):
        scene.farm.start_worker(product=product)
    scene.farm.wait_for_workers()
    scene.injections += 1
    yield


def _kill(scene: Scene, worker: Member) -> None:
    scene.mark_worker(worker)
    worker.kill()
    scene.farm.replace(worker)


def _kill_at(scene: Scene, word: bytes) -> bool:
    """Kill the worker that sends a request with this word, which never arrives; False when none sent one in time."""
    pids = {worker.pid: worker for worker in scene.farm.workers}
    caught: list[Member] = []

    def strike(port: int) -> None:
        worker = pids[owner_of(port, pids) or next(iter(pids))]
        scene.mark_worker(worker)
        worker.process.kill()
        caught.append(worker)

    scene.farm.redis_proxy.set_trap(Trap(b"EVAL", word, lambda port: owner_of(port, pids) is not None, strike))
    until = time.monotonic() + TRAP_S
    while not caught and time.monotonic() < until and not scene.is_closed(scene.main):
        scene.last(0.05)
    scene.farm.redis_proxy.set_trap(None)
    for worker in caught:
        worker.kill()
        scene.farm.replace(worker)
    return bool(caught)


WORKERS = (
    Fault("worker killed before a test", kill_before_test, SOME),
    Fault("worker killed in a test", kill_in_test, SOME),
    Fault("worker killed after a test", kill_after_test, SOME),
    Fault("worker paused for twice the silence", pause, TWICE),
    Fault("all workers killed", kill_all, TWICE),
    Fault("rolling update", roll, SOME),
    Fault("sick worker", prepared=sick),
    Fault("clock of a worker jumps an hour", jump, SOME, prepared=wrong_clock),
    Fault("worker of the previous version", prepared=older_version),
)
