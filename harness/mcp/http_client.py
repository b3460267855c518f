"""The HTTP client under our transport: how it is set up, and what its faults mean."""

import ssl
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import certifi
import httpx

from harness.errors import ServerUnavailable
from harness.mcp.endpoint import Endpoint
from harness.mcp.http_body import BodyRefused
from harness.safe_text import one_line

_KEEPALIVE_S = 4.0  # shorter than servers have it (5 s): none closes a connection just when it is used again
_WRITE_S = 30.0
_GONE = ("disconnected", "peer closed connection")


def new_client(endpoint: Endpoint) -> httpx.AsyncClient:
    """A client for one session. Certificates are verified; no proxies, no `.netrc`, no cookies.

    Raises ServerUnavailable for an address that httpx cannot read.
    """
    try:
        httpx.URL(endpoint.url)
    except httpx.InvalidURL as problem:
        raise ServerUnavailable(f"the server cannot be reached: its url is no address: {problem}") from None
    return httpx.AsyncClient(
        verify=_certificates() if endpoint.url.startswith("https:") else False,
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(None, connect=endpoint.connect_s, write=_WRITE_S),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=8, keepalive_expiry=_KEEPALIVE_S),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"user-agent": "mcp-test-harness"},
    )


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """The system's authorities, those of SSL_CERT_FILE included, and the public ones. Made once: it takes 20 ms."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def was_lost(problem: httpx.HTTPError) -> bool:
    """Whether the connection was not had, or ended; otherwise it is not trusted, or what came over it is not HTTP."""
    if isinstance(problem, httpx.RemoteProtocolError):
        return any(words in str(problem) for words in _GONE)
    return isinstance(problem, httpx.TransportError) and not _is_distrust(problem)


def _is_distrust(problem: BaseException) -> bool:
    """Whether its certificate was refused: at the root of what httpx and httpcore make of it."""
    cause = problem.__cause__ or problem.__context__
    return isinstance(problem, ssl.SSLCertVerificationError) or (cause is not None and _is_distrust(cause))


def problem_text(problem: httpx.HTTPError | BodyRefused, endpoint: Endpoint) -> str:
    """What went wrong, as one phrase about the server."""
    said = one_line(str(problem), 200)
    match problem:
        case BodyRefused():
            return said
        case httpx.ConnectTimeout():
            return f"no connection to {endpoint.shown} within {endpoint.connect_s:g} s"
        case httpx.ConnectError():
            return f"{endpoint.shown} cannot be reached: {said or 'the connection was refused'}"
        case httpx.RemoteProtocolError() if "too long" in said:
            return "its HTTP headers are longer than 100 KiB"
        case httpx.RemoteProtocolError() if not was_lost(problem):
            return f"its answer is not valid HTTP: {said}"
        case _:
            return f"its connection broke: {said}" if said else "its connection broke"
