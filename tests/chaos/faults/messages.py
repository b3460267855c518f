"""Faults of messages and records: dropped, doubled, out of order, late."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from tests.chaos.faults.fault import Fault
from tests.chaos.scene import Mark, Scene

EVERY_S = 0.05
DROPPED = 100
"""One message of so many."""
LATE_LEASES = (0, 1)
SHARDS = "tests.v1.default.[0-9]*"
SWEEP_S = 40.0

TRIPLE = """
local entries = redis.call('LRANGE', KEYS[1], 0, -1)
math.randomseed(tonumber(ARGV[1]))
local all, new = {}, 0
for _, entry in ipairs(entries) do
  all[#all + 1] = entry
  if redis.call('SADD', KEYS[2], entry) == 1 then
    new = new + 1
    all[#all + 1] = entry
    all[#all + 1] = entry
  end
end
if new == 0 then return 0 end
for i = #all, 2, -1 do
  local j = math.random(i)
  all[i], all[j] = all[j], all[i]
end
redis.call('DEL', KEYS[1])
for _, entry in ipairs(all) do redis.call('RPUSH', KEYS[1], entry) end
return new
"""
SEEN = "chaos:tripled"


@contextlib.contextmanager
def thief(scene: Scene) -> Iterator[None]:
    """Takes one message in a hundred like a worker, and drops it."""
    wanted = max(1, len(scene.main.truth.tests) // DROPPED)
    places = {scene.chance.randrange(len(scene.main.truth.tests)) for _ in range(wanted)}

    def steal() -> None:
        done = scene.done(scene.main)
        if any(place <= done for place in places) and _drop_one(scene):
            places.discard(min(places))

    with _again_and_again(scene, steal):
        yield


def _drop_one(scene: Scene) -> bool:
    with scene.farm.client() as client:
        for queue in client.scan_iter(match=SHARDS):
            entry = client.rpop(str(queue))
            if entry:
                scene.injections += 1
                scene.count_exposed()
                _mark_dropped(scene, str(entry))
                return True
    return False


def _mark_dropped(scene: Scene, entry: str) -> None:
    """Its task id is `run-number-lease`."""
    task_id = entry.split('"correlation_id":"')[1].split('"')[0]
    run_id, number, lease = task_id.rsplit("-", 2)
    scene.marks.append(Mark(run_id, int(number), int(lease), time.time_ns() // 1_000_000))


@contextlib.contextmanager
def triple(scene: Scene) -> Iterator[None]:
    """Every message that waits is there three times, in any order."""

    def shake() -> None:
        with scene.farm.client() as client:
            for queue in list(client.scan_iter(match=SHARDS)):
                found = int(client.eval(TRIPLE, 2, str(queue), SEEN, str(scene.chance.randrange(10**6))))
                scene.injections += found
                if found:
                    scene.count_exposed()

    with _again_and_again(scene, shake):
        yield
    with scene.farm.client() as client:
        client.delete(SEEN)


def replay(scene: Scene) -> None:
    """When the runs are closed, records come again: the same ones, and others under their leases and the next ones."""
    query = "SELECT details::text, lease FROM attempts WHERE run_id = %s AND outcome = 'passed' LIMIT 40"
    with scene.farm.client() as client:
        for text, lease in scene.farm.sql(query, scene.main.id):
            scene.injections += 1
            for later in LATE_LEASES:
                changed = str(text).replace('"outcome":"passed"', '"outcome":"failed"', 1)
                changed = changed.replace(f'"lease":{lease}', f'"lease":{int(str(lease)) + later}', 1)
                client.xadd(f"farm:records:{scene.main.id}", {"r": changed})
            client.xadd(f"farm:records:{scene.main.id}", {"r": str(text)})
    scene.exposed = len(scene.main.truth.tests)
    _wait_swept(scene)


def _wait_swept(scene: Scene) -> None:
    """Recovery looks at streams of closed runs, too."""
    until = time.monotonic() + SWEEP_S
    with scene.farm.client() as client:
        while client.exists(f"farm:records:{scene.main.id}") and time.monotonic() < until:
            scene.last(0.2)


@contextlib.contextmanager
def _again_and_again(scene: Scene, act: Callable[[], None]) -> Iterator[None]:
    """Repeat `act` in a thread until the block ends."""
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(EVERY_S):
            act()

    thread = threading.Thread(target=repeat, name="chaos")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


MESSAGES = (
    Fault("1 % of messages dropped", around=thief),
    Fault("messages three times, shuffled", around=triple),
    Fault("late records after the close", after=replay),
)
