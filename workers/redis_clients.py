"""The one place that makes Redis clients: every wait of theirs ends, every retry is counted."""

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

SOCKET_TIMEOUT_S = 5.0
"""Of every client. A blocking read must ask for less, or it fails while nothing is wrong."""

_AWAY = (RedisConnectionError, RedisTimeoutError)


def redis_client(url: str, *, retries: int = 3) -> redis.Redis:
    """A client for threads and tasks: texts in and out, three quick retries, 5 s for any answer."""
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        encoding_errors="replace",
        socket_timeout=SOCKET_TIMEOUT_S,
        socket_connect_timeout=SOCKET_TIMEOUT_S,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), retries, supported_errors=_AWAY),
    )


def async_redis_client(url: str) -> redis.asyncio.Redis:
    """The same for a loop. Its pool waits for a free connection instead of raising."""
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        url,
        max_connections=4,
        timeout=SOCKET_TIMEOUT_S,
        decode_responses=True,
        encoding_errors="replace",
        socket_timeout=SOCKET_TIMEOUT_S,
        socket_connect_timeout=SOCKET_TIMEOUT_S,
        retry=AsyncRetry(ExponentialBackoff(cap=0.5, base=0.05), 3, supported_errors=_AWAY),
    )
    return redis.asyncio.Redis.from_pool(pool)
