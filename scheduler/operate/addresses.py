"""Owns how the processes of one machine find their Redis: an address that was set, or the one in the state directory.

<state>/addresses.json (0600): written by whoever brings Redis up (`serve`, or the Procfile's `api`), read by the rest.
<state>/serve.lock: held by that process; two farms in one directory would write the same files.
<state>/redis/: the append-only file of the embedded server.
"""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from redis.exceptions import RedisError

from harness.errors import FarmUnreachable, UsageError
from harness.log import get_logger
from scheduler.operate.acl import WORKER_USER, install
from scheduler.operate.embedded_redis import RedisServer, start_redis
from scheduler.settings import FarmSettings
from workers.redis_clients import redis_client

log = get_logger("serve")

FILE, LOCK = "addresses.json", "serve.lock"
WAIT_S = 60.0
LOOK_S = 0.1


@dataclass(frozen=True)
class Addresses:
    """Where Redis is: `redis_url` for the farm's own processes, `worker_redis_url` for workers. Both hold passwords."""

    redis_url: str
    worker_redis_url: str

    def fill_in(self, settings: FarmSettings) -> FarmSettings:
        """`settings` with both addresses in it."""
        return settings.model_copy(update=asdict(self))


@dataclass(frozen=True)
class BroughtUp:
    """Redis for a farm. `server` is the embedded one, which its owner revives when it ends."""

    addresses: Addresses
    server: RedisServer | None = None

    def keep(self) -> None:
        """Start the embedded server again if it has ended."""
        if self.server is not None and self.server.revive():
            log.warning("redis.revived", pid=self.server.process.pid)


@contextmanager
def bring_up_redis(settings: FarmSettings) -> Iterator[BroughtUp]:
    """Redis for a farm: the one that is set, with a user for the workers made on it, or an embedded one until the end.

    Call from the main thread, before any other thread. The workers' password stays the same over restarts.
    """
    with _alone(settings):
        if settings.redis_url:
            yield BroughtUp(_published(settings, _on_given_redis(settings)))
            return
        with start_redis(settings.state_dir / "redis") as server:
            server.wait_ready()
            addresses = _with_own_user(server.url, _worker_password(settings))
            server.know_users(_rules_of_workers(server.url))
            yield BroughtUp(_published(settings, addresses), server)


def find_redis(settings: FarmSettings, timeout_s: float = WAIT_S) -> Addresses:
    """The addresses that are set, else those that another process of this state directory brings up meanwhile.

    Waits until that Redis answers. Raises FarmUnreachable after `timeout_s` seconds.
    """
    if settings.redis_url and settings.worker_redis_url:
        return Addresses(settings.redis_url, settings.worker_redis_url)
    deadline = time.monotonic() + timeout_s
    while True:
        found = _read(settings)
        if found and settings.redis_url in ("", found.redis_url) and _answers(found.worker_redis_url):
            return found
        if time.monotonic() > deadline:
            raise FarmUnreachable(
                f"no Redis within {timeout_s:g} s: nobody brought one up in {settings.state_dir}; start `api` "
                "there, too, or set MCPF_REDIS_URL and MCPF_WORKER_REDIS_URL"
            )
        time.sleep(LOOK_S)


@contextmanager
def _alone(settings: FarmSettings) -> Iterator[None]:
    """Hold the directory's lock. The kernel lets go of it when this process ends, however it does."""
    with (settings.state_dir / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                f"another farm runs in {settings.state_dir.absolute()}; end it, or choose another with --state-dir"
            ) from error
        yield


def _on_given_redis(settings: FarmSettings) -> Addresses:
    if settings.worker_redis_url:
        return Addresses(settings.redis_url, settings.worker_redis_url)
    return _with_own_user(settings.redis_url, _worker_password(settings))


def _with_own_user(redis_url: str, password: str) -> Addresses:
    """Make the workers' user there."""
    client = redis_client(redis_url)
    try:
        install(client, password)
    except RedisError as error:
        raise FarmUnreachable(f"Redis does not answer: {type(error).__name__}; look at MCPF_REDIS_URL") from error
    finally:
        client.close()
    return Addresses(redis_url, with_user(redis_url, WORKER_USER, password))


def _rules_of_workers(redis_url: str) -> list[str]:
    with redis_client(redis_url) as client:
        return [rule for rule in client.acl_list() if rule.startswith(f"user {WORKER_USER} ")]


def with_user(url: str, user: str, password: str) -> str:
    """`url` with another user in it."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{place}"))


def _published(settings: FarmSettings, addresses: Addresses) -> Addresses:
    """Write the file whole, readable by its user only."""
    file = settings.state_dir / FILE
    temporary = file.with_name(f".{FILE}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    temporary.touch(mode=0o600, exist_ok=False)
    temporary.write_text(json.dumps(asdict(addresses)))
    temporary.replace(file)
    return addresses


def _read(settings: FarmSettings) -> Addresses | None:
    try:
        return Addresses(**json.loads((settings.state_dir / FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _worker_password(settings: FarmSettings) -> str:
    known = _read(settings)
    password = urlsplit(known.worker_redis_url).password if known else None
    return password or secrets.token_hex(24)


def _answers(url: str) -> bool:
    client = redis_client(url)
    try:
        return bool(client.ping())
    except RedisError:
        return False
    finally:
        client.close()
