"""What makes a server impossible to reach over HTTP, whoever names it: a suite or a target. Pure."""

import re
from urllib.parse import SplitResult, urlsplit

from harness.models.server import PORT, Server
from harness.suites.findings import Findings, quoted
from harness.suites.shape import Path, Shape

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
OURS = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "last-event-id",
        "mcp-protocol-version",
        "mcp-session-id",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that the transport needs for itself."""
MAX_HEADER_CHARACTERS = 8000
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_OTHER_PLACE = re.compile(r"\$\{[^{}]*\}")
_OF_HTTP = ("headers", "bearer_token")


def check_reach(server: Server, at: Path, shape: Shape, findings: Findings) -> None:
    """Apply every rule to the server whose keys stand at `at`."""
    _transport_fits(server, at, shape, findings)
    if server.url is None:
        for key in _OF_HTTP:
            if getattr(server, key):
                message = f"{quoted(key)} does nothing for a server without a 'url'"
                findings.error(shape.spot_of((*at, key)).key, message, "give its url, or remove the key")
        return
    for message, hint in _faults_of_url(server.url, has_command=server.command is not None):
        findings.error(shape.spot_of((*at, "url")).value, f"url {quoted(server.url)} {message}", hint)
    _headers_can_be_sent(server, at, shape, findings)


def _transport_fits(server: Server, at: Path, shape: Shape, findings: Findings) -> None:
    mark = shape.spot_of((*at, "transport")).value
    if server.transport == "stdio" and server.url is not None:
        findings.error(mark, "a server with a 'url' does not speak stdio", "write http, or remove one of the two keys")
    elif server.transport not in (None, "stdio") and server.url is None:
        hint = f"give one, such as http://127.0.0.1:{PORT}/mcp for the server that 'command' starts"
        findings.error(mark, f"transport {quoted(server.transport or '')} needs a 'url'", hint)


def _faults_of_url(url: str, *, has_command: bool) -> list[tuple[str, str]]:
    """What is wrong with an address, each with a remedy."""
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return [("is no address", "write one such as https://example.org/mcp")]
    faults = []
    if parts.username is not None or parts.password is not None:
        faults.append(("holds a name or password", "give it as 'bearer_token' or in 'headers'"))
    if parts.fragment:
        faults.append(("has a part after '#', which no server sees", "remove it"))
    if not has_command and PORT in url:
        faults.append((f"names {PORT}, which only a server that 'command' starts has", "write the port"))
    if has_command and PORT not in url:
        hint = f"name {PORT} in it and in 'args' or 'env', so that every process has its own"
        faults.append(("does not name the port of the server that 'command' starts", hint))
    if has_command and parts.hostname not in LOOPBACK:
        faults.append(("is not on this machine, where 'command' starts the server", "write 127.0.0.1 as its host"))
    return faults


def _split(url: str) -> SplitResult | None:
    """Its parts, with something that may stand anywhere in an address for what is filled in later."""
    if _UNPRINTABLE.search(url) or " " in url:
        return None
    try:
        parts = urlsplit(_OTHER_PLACE.sub("1", url))
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def _headers_can_be_sent(server: Server, at: Path, shape: Shape, findings: Findings) -> None:
    for name, value in server.headers.items():
        spot = shape.spot_of((*at, "headers", name))
        if not _HEADER_NAME.fullmatch(name):
            findings.error(spot.key, f"{quoted(name)} is not the name of a header")
        elif name.lower() in OURS:
            findings.error(spot.key, f"the header {quoted(name)} is set by the transport itself", "remove it")
        elif name.lower() == "authorization" and server.bearer_token is not None:
            findings.error(spot.key, "'bearer_token' sets the header 'Authorization', too", "keep one of them")
        _value_can_be_sent(value, (*at, "headers", name), shape, findings)
    _value_can_be_sent(server.bearer_token or "", (*at, "bearer_token"), shape, findings)


def _value_can_be_sent(value: str, path: Path, shape: Shape, findings: Findings) -> None:
    if _UNPRINTABLE.search(value) or len(value) > MAX_HEADER_CHARACTERS:
        hint = f"use up to {MAX_HEADER_CHARACTERS} printable ASCII characters"
        findings.error(shape.spot_of(path).value, "this cannot be sent in a header", hint)
