"""Decodes server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) into RunEvents. Pure.

Only `data` is used: a RunEvent carries its own number. Comments keep a connection alive and are dropped, and so are
events of a kind that a newer farm has added.
"""

from collections.abc import Iterable, Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from harness.errors import FarmError
from harness.models.run import RunEvent

MAX_EVENT_BYTES = 4 * 1024 * 1024


def run_events(chunks: Iterable[bytes]) -> Iterator[RunEvent]:
    """The events in a stream of bytes. FarmError when it is not such a stream: asking again would not mend that."""
    event: list[bytes] = []
    for line in _lines(chunks):
        if line.startswith(b"data:"):
            event.append(line[5:].removeprefix(b" "))
            if sum(map(len, event)) > MAX_EVENT_BYTES:
                raise FarmError("the farm sent an event larger than 4 MiB")
        elif not line and event:
            known = _decode(b"\n".join(event))
            event = []
            if known is not None:
                yield known


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > MAX_EVENT_BYTES:
            raise FarmError("the farm sent an event larger than 4 MiB")
        for line in lines:
            yield line.removesuffix(b"\r")


def _decode(body: bytes) -> RunEvent | None:
    """None for a kind that this process does not know."""
    try:
        return RunEvent.model_validate_json(body)
    except ValidationError as error:
        if all(_is_unknown_kind(problem) for problem in error.errors()):
            return None
        raise FarmError(f"what answers is not a farm: {error.errors()[0]['msg']}") from error


def _is_unknown_kind(problem: ErrorDetails) -> bool:
    return problem["loc"] == ("kind",) and problem["type"] == "enum" and isinstance(problem["input"], str)
