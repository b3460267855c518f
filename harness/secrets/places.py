"""`${secret:NAME}` in what a suite says of its server: which are named, and the same with the values in their place.

A value is never looked at again: what stands in it as `${…}` stays as it is.
"""

import re
from collections.abc import Callable

from pydantic import JsonValue

from harness.models.server import Server
from harness.templates import LATER, SECRET, Names, fill_all

_PLACE = re.compile(r"\$\{\s*secret:\s*([^{}\s]*)\s*\}")


def secrets_named(value: JsonValue) -> frozenset[str]:
    """The names of all secrets in the texts of a JSON value."""
    if isinstance(value, str):
        return frozenset(_PLACE.findall(value)) if SECRET in value else frozenset()
    if isinstance(value, dict):
        return frozenset().union(*(secrets_named(member) for member in value.values()))
    return frozenset().union(*(secrets_named(element) for element in value)) if isinstance(value, list) else frozenset()


def secrets_of(server: Server) -> frozenset[str]:
    """The names of all secrets that a server is given."""
    return secrets_named(server.model_dump(mode="json"))


def with_secrets(server: Server, resolve: Callable[[str], str]) -> Server:
    """The server with the values in their place. Raises what `resolve` raises."""
    if not secrets_of(server):
        return server
    names = Names(later=LATER, secret=lambda name: resolve(name.strip()).replace("${", "$${"))
    return Server.model_validate(fill_all(server.model_dump(mode="json", exclude_unset=True), names))
