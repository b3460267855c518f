"""How times and texts are stored. Pure."""

import re
import time
from datetime import UTC, datetime

_NUL_IN_JSON = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def now_ms() -> int:
    """The current time as stored."""
    return time.time_ns() // 1_000_000


def to_ms(moment: datetime) -> int:
    """An aware moment as stored."""
    return int(moment.timestamp() * 1000)


def from_ms(stored_ms: int) -> datetime:
    """A stored time as an aware moment."""
    return datetime.fromtimestamp(stored_ms / 1000, UTC)


def storable(text: str) -> str:
    """`text` without what a database refuses: NUL characters and lone surrogates."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def storable_json(text: str) -> str:
    """The same of a JSON text that was read already. PostgreSQL finds no member of a document with a NUL in it."""
    return _NUL_IN_JSON.sub(r"\1\\ufffd", text)
