"""Where a suite may name secrets: what only the server gets. Anywhere else the value would be judged, or shown."""

from collections.abc import Iterator

from pydantic import JsonValue

from harness.models.suite import Suite
from harness.secrets.places import secrets_named
from harness.suites.findings import Findings, quoted
from harness.suites.shape import Path, Shape
from harness.suites.unfold import LITERAL

OF_SERVER = frozenset({"env", "args", "headers", "bearer_token"})
INPUT = "input"


def secrets_stand_where_they_act(suite: Suite, shape: Shape, findings: Findings) -> None:
    """In `env`, `args`, `headers` and `bearer_token` of the server, and below `input`."""
    for path, text in _texts(suite.model_dump(mode="json", exclude_unset=True), ()):
        named = secrets_named(text)
        if named and not _is_for_server(path):
            message = f"the secret {quoted(min(named))} cannot be named here"
            hint = "secrets stand in 'env', 'args', 'headers' and 'bearer_token' of a server, and in 'input'"
            findings.error(shape.spot_of(path).value, message, hint)


def _is_for_server(path: Path) -> bool:
    return INPUT in path or (path[0] == "server" and len(path) > 1 and path[1] in OF_SERVER)


def _texts(value: JsonValue, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, member in value.items():
            if name not in LITERAL:
                yield from _texts(member, (*path, name))
    elif isinstance(value, list):
        for place, element in enumerate(value):
            yield from _texts(element, (*path, place))
