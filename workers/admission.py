"""A worker's own start-up checks: at once, and again before its first heartbeat where Redis was not there yet."""

import os
import sys
from typing import Any

import redis
from redis.exceptions import RedisError, ResponseError

from harness.log import get_logger
from workers.options import announce, announcer_of, options_of
from workers.redis_clients import redis_client
from workers.settings import WorkerSettings
from workers.startup import refusals, situation_of
from workers.time_outs import TimeOuts

log = get_logger("admission")

USAGE_EXIT = 2


class Admission:
    """`refusals` before the worker starts; then `at_beat` with each heartbeat."""

    def __init__(self, settings: WorkerSettings, conf: Any) -> None:
        self._settings = settings
        self._conf = conf
        self._options = options_of(conf, settings.pool, settings.shards)
        self._time_outs = TimeOuts(cold_grace_s=settings.soft_stop_s, grace_s=settings.grace_s)
        self._complete = False

    def refusals(self) -> tuple[str, ...]:
        """Why this worker must not start. A Redis that is not there is no reason: the rest is checked once it is."""
        with redis_client(self._settings.redis_url) as client:
            try:
                return self._look(client)
            except (RedisError, OSError) as error:
                log.warning("redis.away", error=str(error))
        return refusals(situation_of(self._conf, self._options, self._time_outs, None))

    def at_beat(self, client: redis.Redis) -> None:
        """Check what could not be checked before, and leave if it is refused; tell others what we use."""
        if not self._complete and (problems := self._look(client)):
            complain(problems)
            os._exit(USAGE_EXIT)
        try:
            announce(client, announcer_of(self._settings.pool), self._options)
        except ResponseError as refusal:  # an ACL of before, or a full Redis: no reason to fall silent
            log.warning("options.not_announced", error=str(refusal))

    def _look(self, client: redis.Redis) -> tuple[str, ...]:
        found = refusals(situation_of(self._conf, self._options, self._time_outs, client))
        self._complete = True
        return found


def complain(problems: tuple[str, ...]) -> None:
    """Tell a person."""
    sys.stderr.writelines(f"worker: {problem}\n" for problem in problems)
    sys.stderr.flush()
