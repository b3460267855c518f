"""Everything of a worker that lives on its loop, put together: started, closed and stopped by the pool."""

import asyncio
import contextlib
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from harness.containment.launcher import Launcher
from harness.log import get_logger
from harness.scripts.runner import ScriptRunner
from harness.secrets.store import SecretStore
from harness.version import VERSION
from workers.abilities import abilities_text, find_abilities, machine_of
from workers.attempts import Attempts, Runner
from workers.bundles import BlobSource, Bundles
from workers.canary import Canary, Checkup
from workers.departure import Departure
from workers.equipment import Equipment
from workers.evidence import BlobSink, EvidenceStore, EvidenceTerms
from workers.health import Consumption
from workers.install_cache import InstallCache
from workers.install_recipe import Machine
from workers.installer import Installer, Terms
from workers.jobs import Job, Outcome
from workers.ledger import Ledger
from workers.lifecycle import Lifecycle
from workers.loading import EngineLoader
from workers.memory import MemoryCeiling
from workers.opener import ServerOpener
from workers.plan_secrets import PlanSecrets
from workers.queues import queue_names
from workers.recording import Recorder
from workers.redis_clients import async_redis_client, redis_client
from workers.sessions import Limits, Sessions
from workers.settings import WorkerSettings
from workers.sickness import Sickness
from workers.vitals import Vitals

log = get_logger("service")

DRAIN_S = 3.0
LOOK_AROUND_AFTER_S = 0.5
WATCH_EVERY_S = 5.0


@dataclass(frozen=True)
class Means:
    """What a worker reaches beside Redis and its own machine."""

    source: BlobSource
    sink: BlobSink
    secrets: SecretStore


class WorkerService:
    """The pool's Service. `scratch` belongs to this process alone."""

    def __init__(
        self, settings: WorkerSettings, launcher: Launcher, means: Means, scratch: Path, departure: Departure
    ) -> None:
        self._settings = settings
        self._launcher = launcher
        self._scratch = scratch
        self._bundles = Bundles(means.source, scratch / "blobs")
        self._secrets = means.secrets
        self._plan_secrets = PlanSecrets(means.secrets)
        self._evidence = EvidenceStore(means.sink, _evidence_terms(settings), lambda: means.secrets.scrubber)
        self._loader = EngineLoader()
        self._client: redis.Redis = redis_client(settings.redis_url)
        self._departure = departure
        self._looks: list[Callable[[redis.Redis], None]] = []
        self._memory = MemoryCeiling(settings.max_memory_mb * 1024 * 1024, departure.retire)
        self._vitals = Vitals(Consumption(tuple(queue_names(settings)), settings.slots))

    def at_each_beat(self, look: Callable[[redis.Redis], None]) -> None:
        """Have `look` called before each heartbeat, on its thread. Before `start`."""
        self._looks.append(look)

    async def start(self) -> None:
        """Connect, announce the worker, begin to watch over it. Everything is made here, on the loop that uses it."""
        settings = self._settings
        self._ledger = Ledger(async_redis_client(settings.redis_url))
        self._abilities_wanted = asyncio.Event()
        self._abilities = asyncio.create_task(self._look_around())
        self._installer = self._new_installer()
        opener = ServerOpener(
            self._launcher,
            self._loader,
            self._bundles,
            self._installer,
            scratch=self._scratch,
            environment={"PATH": settings.server_path},
            secrets=self._plan_secrets,
        )
        limits = Limits(settings.sessions_per_target, settings.max_sessions, settings.idle_session_s)
        self._sessions = Sessions(opener, limits)
        self._recorder = Recorder(settings, self._ledger, self._sessions, self._vitals.held)
        self._attempts = Attempts(
            settings.worker_name,
            Runner(
                self._loader,
                self._sessions,
                Checkup(Canary(opener), Sickness(), self._departure.report_sick),
                Equipment(
                    self._secrets, self._plan_secrets, self._evidence, self._script_runner(), self._bundles.content
                ),
            ),
            ledger=self._ledger,
            bundles=self._bundles,
            recorder=self._recorder,
            vitals=self._vitals,
        )
        self._lifecycle = Lifecycle(
            self._client, settings.worker_name, declaration(settings), self._vitals, self._at_beat
        )
        self._ledger.start()
        self._sessions.start()
        self._vitals.pulse.start()
        self._lifecycle.start(asyncio.get_running_loop())
        self._watching = asyncio.create_task(self._watch_groups())
        self._announcing = asyncio.create_task(self._announce_abilities())

    async def run(self, job: Job, body: Mapping[str, Any]) -> Outcome:
        """One test: the coroutine of the task `farm.run_test`."""
        return await self._attempts.run(job, body)

    async def warm_up(self) -> None:
        """Import the engine, so that the first test finds it."""
        await self._loader.get()

    @property
    def grace_s(self) -> float:
        """For how long, after SIGTERM, running tests may go on."""
        return self._settings.grace_s

    def close(self) -> None:
        """Take up no new test, and say so; give up the groups of which no member runs."""
        self._lifecycle.retire()
        self._vitals.consumption.close()
        self._recorder.close()
        self._attempts.close()
        self._giving_up = asyncio.ensure_future(self._recorder.give_up_groups())

    async def stop(self) -> None:
        """Give up what is held, close all sessions, say farewell. A few seconds at most."""
        self._vitals.pulse.stop()
        self._watching.cancel()
        self._announcing.cancel()
        self._abilities.cancel()
        await self._installer.stop()
        await self._recorder.give_up_groups()
        await self._sessions.stop()
        late = await self._launcher.drain(DRAIN_S)
        if late:
            log.warning("service.servers_abandoned", count=late)
        await asyncio.to_thread(self._say_farewell)
        await self._ledger.stop()
        await self._bundles.close()
        await self._evidence.close()

    def _new_installer(self) -> Installer:
        settings = self._settings
        cache = InstallCache(settings.package_dir, settings.install_cache_mb * 1024 * 1024)
        environment = {**settings.install_environment, "PATH": settings.server_path}
        return Installer(cache, self._machine, Terms(environment, settings.install_limit_s))

    async def _machine(self) -> Machine:
        self._abilities_wanted.set()
        return machine_of(await asyncio.shield(self._abilities))

    async def _look_around(self) -> Mapping[str, str]:
        """What programs there are, asked when the first tests have begun: what asks them takes the time of a start."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AROUND_AFTER_S):
                await self._abilities_wanted.wait()
        return await asyncio.to_thread(find_abilities, self._settings.server_path, self._settings.abilities)

    async def _announce_abilities(self) -> None:
        """Programs take their time to tell their version: the worker takes tests meanwhile."""
        self._lifecycle.declare(abilities_text(await asyncio.shield(self._abilities)))

    def _script_runner(self) -> ScriptRunner:
        return ScriptRunner(self._launcher, {"PATH": self._settings.server_path}, self._bundles.content)

    def _at_beat(self) -> None:
        for look in self._looks:
            look(self._client)
        self._memory.look(self._vitals.consumption.taken)

    async def _watch_groups(self) -> None:
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            await self._recorder.give_up_stranded()

    def _say_farewell(self) -> None:
        """Leave the list of workers; the own queue goes when nothing can come back to it any more (`process.py`)."""
        self._lifecycle.stop()
        self._client.close()


def _evidence_terms(settings: WorkerSettings) -> EvidenceTerms:
    return EvidenceTerms(settings.evidence_mb * 1024 * 1024, settings.evidence_of_all)


def declaration(settings: WorkerSettings) -> dict[str, str]:
    """What the worker says of itself in `farm:worker:<name>`."""
    return {
        "pool": settings.pool,
        "slots": str(settings.slots),
        "pid": str(os.getpid()),
        "host": platform.node(),
        "version": VERSION,
        "python": platform.python_version(),
        "abilities": "",
    }
