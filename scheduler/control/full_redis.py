"""What control writes into Redis only to be quicker is left out while Redis is full: merging is what empties it."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import OutOfMemoryError

from harness.log import get_logger

log = get_logger("control")


@contextmanager
def tolerating_full_redis() -> Iterator[None]:
    """Go on without what the block wanted to write."""
    try:
        yield
    except OutOfMemoryError as error:
        log.warning("redis.full", error=str(error)[:200])
