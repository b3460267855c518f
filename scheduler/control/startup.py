"""What a farm's process refuses to start with, and what it tells the others of its options."""

from typing import Any

import redis
from redis.exceptions import RedisError

from harness.errors import UsageError
from harness.log import get_logger
from scheduler.settings import FarmSettings
from workers.options import CONTROL, announce, options_of
from workers.redis_clients import redis_client
from workers.startup import refusals, situation_of
from workers.time_outs import TimeOuts

log = get_logger("startup")


def check_start(settings: FarmSettings, conf: Any) -> None:
    """Raise UsageError with all that would break a promise. `conf` is that of the process's Celery application.

    While Redis is away only this process itself is looked at: what is wrong there is found when it is started again.
    """
    mine = options_of(conf, settings.pool, settings.shards)
    limits = TimeOuts(run_deadline_s=settings.run_deadline_s)
    with redis_client(settings.redis_url) as client:
        try:
            situation = situation_of(conf, mine, limits, client)
        except (RedisError, OSError) as error:
            log.warning("startup.redis_away", error=str(error)[:200])
            situation = situation_of(conf, mine, limits, None)
    if problems := refusals(situation):
        raise UsageError("\n".join(problems))


def tell_options(settings: FarmSettings, conf: Any, client: redis.Redis) -> None:
    """Say what `control` uses, so that a worker that differs refuses to start. Repeated with every tick."""
    try:
        announce(client, CONTROL, options_of(conf, settings.pool, settings.shards))
    except RedisError as error:
        log.warning("options.not_told", error=str(error)[:200])
