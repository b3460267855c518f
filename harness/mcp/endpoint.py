"""Where a server is reached over HTTP, and under which terms: from what a suite says. Pure.

`endpoint_of` is the one place where it is decided what may be reached: rules about private addresses belong here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from harness.errors import ServerUnavailable
from harness.models.server import Server
from harness.templates import Names, fill_text

MIB = 1024 * 1024


@dataclass(frozen=True)
class Endpoint:
    """An address, what is sent with every request, and limits."""

    url: str
    headers: Mapping[str, str]
    connect_s: float
    max_message_bytes: int

    @property
    def host(self) -> str:
        """Its host; a name or an address."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """Its port."""
        parts = urlsplit(self.url)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def shown(self) -> str:
        """The address without what may be secret in it."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def endpoint_of(server: Server, names: Names) -> Endpoint:
    """The endpoint of a server with a `url`. Raises ServerUnavailable for texts that make no address or header."""
    try:
        url = fill_text(server.url or "", names)
        headers = {name: fill_text(value, names) for name, value in server.headers.items()}
        if server.bearer_token is not None:
            headers["Authorization"] = f"Bearer {fill_text(server.bearer_token, names)}"
        _check(url, headers)
    except ValueError as problem:
        raise ServerUnavailable(f"the server cannot be reached: {problem}") from None
    return Endpoint(url, headers, server.connection_timeout_seconds, int(server.max_response_mb * MIB))


def _check(url: str, headers: Mapping[str, str]) -> None:
    """What was filled in may have made nonsense of texts that were well-formed."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError("its url, filled in, is no address that begins with http:// or https://")
    for name, value in headers.items():
        if not value.isascii() or not value.isprintable():
            raise ValueError(f"the value of the header {name!r} has characters that no header may have")
