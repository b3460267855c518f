"""Where a server is reached, with what is sent along."""

import pytest

from harness.errors import ServerUnavailable
from harness.mcp.endpoint import Endpoint, endpoint_of
from harness.models.server import Server
from harness.templates import Names

NAMES = Names({"port": 4711, "sandbox": "/sandbox"})


def test_what_a_suite_says_is_filled_in_and_its_token_becomes_a_header() -> None:
    server = Server(
        url="http://127.0.0.1:${port}/mcp?root=${sandbox}",
        headers={"X-Root": "${sandbox}"},
        bearer_token="t-${port}",
        connection_timeout_seconds=3,
        max_response_mb=0.5,
    )
    endpoint = endpoint_of(server, NAMES)
    headers = {"X-Root": "/sandbox", "Authorization": "Bearer t-4711"}
    assert endpoint == Endpoint("http://127.0.0.1:4711/mcp?root=/sandbox", headers, 3, 512 * 1024)
    assert (endpoint.host, endpoint.port) == ("127.0.0.1", 4711)
    assert endpoint.shown == "http://127.0.0.1:4711/mcp", "what follows may be secret"


@pytest.mark.parametrize(("url", "port"), [("http://x/", 80), ("https://x/", 443), ("https://[::1]:9/", 9)])
def test_an_address_has_the_port_of_its_scheme(url: str, port: int) -> None:
    assert endpoint_of(Server(url=url), NAMES).port == port


@pytest.mark.parametrize(
    ("server", "message"),
    [
        (Server(url="${sandbox}"), "its url, filled in, is no address that begins with http:// or https://"),
        (Server(url="file:///etc/passwd"), "its url, filled in, is no address"),
        (Server(url="http://x:99999/"), "Port out of range"),
        (Server(url="http://x/", headers={"A": "b\r\nX: y"}), "the value of the header 'A' has characters that no"),
        (Server(url="http://x/", bearer_token="ü"), "the value of the header 'Authorization' has characters"),
        (Server(url="http://x/${nobody}"), r"\$\{nobody\}"),
    ],
    ids=lambda value: value.url if isinstance(value, Server) else "",
)
def test_what_makes_no_address_and_no_header_is_never_sent(server: Server, message: str) -> None:
    with pytest.raises(ServerUnavailable, match=f"^the server cannot be reached: .*{message}"):
        endpoint_of(server, NAMES)
