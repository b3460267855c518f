"""What cannot be reached is refused before anything is started, with its line."""

import pytest

from harness.errors import SuiteErrors
from harness.suites.load import load_suite

TESTS = "tools: [{name: t, tests: [{name: a}]}]\n"


def load(server: str) -> None:
    load_suite(f"name: s\nserver: {server}\n{TESTS}".encode(), "s.yaml")


@pytest.mark.parametrize(
    "server",
    [
        "{url: 'https://example.org/mcp', headers: {X-Team: blue}, bearer_token: t, transport: streamable-http}",
        "{url: 'http://[::1]:8080', transport: streamable_http, connection_timeout_seconds: 5, max_response_mb: 64}",
        "{url: 'http://localhost:${port}/', command: c, env: {PORT: '${port}'}, transport: http}",
        "{command: c, transport: stdio, request_timeout_seconds: 5, max_response_mb: 0.5}",
    ],
)
def test_a_server_that_is_started_reached_or_both_loads(server: str) -> None:
    load(server)


@pytest.mark.parametrize(
    ("server", "problem"),
    [
        ("{url: 'ftp://x/'}", "2:15: url 'ftp://x/' is no address; write one such as https://example.org/mcp"),
        ("{url: 'example.org/mcp'}", "2:15: url 'example.org/mcp' is no address; write one such as"),
        ("{url: 'http://a b/'}", "2:15: url 'http://a b/' is no address"),
        ("{url: 'http://x:0/'}", "2:15: url 'http://x:0/' is no address"),
        ("{url: 'http://x:99999/'}", "2:15: url 'http://x:99999/' is no address"),
        ("{url: 'http://[x/'}", "2:15: url 'http://[x/' is no address"),
        ("{url: 'http://u:p@x/'}", "2:15: url 'http://u:p@x/' holds a name or password; give it as 'bearer_token' or"),
        ("{url: 'http://x/#y'}", "2:15: url 'http://x/#y' has a part after '#', which no server sees; remove it"),
        ("{url: 'http://x:${port}/'}", "2:15: url 'http://x:${port}/' names ${port}, which only a server that"),
        ("{url: 'http://127.0.0.1:80/', command: c}", "2:15: url 'http://127.0.0.1:80/' does not name the port of"),
        ("{url: 'http://x:${port}/', command: c}", "2:15: url 'http://x:${port}/' is not on this machine, where"),
        ("{url: 'http://x/', transport: stdio}", "2:39: a server with a 'url' does not speak stdio; write http, or"),
        ("{command: c, transport: http}", "2:33: transport 'http' needs a 'url'; give one, such as http://127.0.0.1:"),
        ("{command: c, headers: {a: b}}", "2:22: 'headers' does nothing for a server without a 'url'; give its url"),
        ("{command: c, bearer_token: b}", "2:22: 'bearer_token' does nothing for a server without a 'url'; give its"),
        ("{url: 'http://x/', args: [b]}", "2:28: 'args' does nothing for a server that runs already; remove it"),
        ("{url: 'http://x/', env: {a: b}}", "2:28: 'env' does nothing for a server that runs already; remove it"),
        ("{url: 'http://x/', headers: {'a b': c}}", "2:38: 'a b' is not the name of a header"),
        ("{url: 'http://x/', headers: {Host: c}}", "2:38: the header 'Host' is set by the transport itself; remove it"),
        ("{url: 'http://x/', headers: {A: \"b\\nc\"}}", "2:41: this cannot be sent in a header; use up to 8000"),
        ("{url: 'http://x/', bearer_token: ü}", "2:42: this cannot be sent in a header; use up to 8000 printable"),
        (
            "{url: 'http://x/', bearer_token: b, headers: {authorization: c}}",
            "2:55: 'bearer_token' sets the header 'Authorization', too; keep one of them",
        ),
        ("{url: 'http://x/', max_response_mb: 65}", "2:45: 'max_response_mb' must be at most 64, not 65"),
        ("{url: 'http://x/', connection_timeout_seconds: 0}", "2:56: 'connection_timeout_seconds' must be more than 0"),
    ],
)
def test_a_server_that_cannot_be_reached_is_refused_at_its_place(server: str, problem: str) -> None:
    with pytest.raises(SuiteErrors) as caught:
        load(server)
    [found] = caught.value.problems
    assert str(found).removeprefix("s.yaml:").startswith(problem)
