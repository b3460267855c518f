"""Where a suite may name a secret, and where it may not."""

import pytest

from harness.errors import SuiteErrors
from harness.suites.load import STRICT, load_suite

SUITE = """name: s
server: {{command: c, args: ["{args}"], env: {{E: "{env}"}}}}
tools:
  - name: t
    tests:
      - name: a
        input: {{x: ["{input}"]}}
        expected: {{fields: [{{path: a, value: "{expected}"}}]}}
        steps: [{{tool: t, input: {{y: "{input}"}}}}]
        scripts: [{{source: "{source}", env: {{E: "{script}"}}}}]
"""
PLACES = ("args", "env", "input", "expected", "source", "script")


def suite_with(place: str) -> bytes:
    return SUITE.format(**{name: "${secret:KEY}" if name == place else "x" for name in PLACES}).encode()


@pytest.mark.parametrize("place", ["args", "env", "input", "source"])
def test_what_only_the_server_gets_may_name_secrets(place: str) -> None:
    load_suite(suite_with(place), "s.yaml", STRICT)


def test_so_may_what_is_sent_with_every_request() -> None:
    server = '{url: "https://x/", bearer_token: "${secret:KEY}", headers: {X-Key: "k ${secret:KEY}"}}'
    load_suite(f"name: s\nserver: {server}\ntools: [{{name: t, tests: [{{name: a}}]}}]\n".encode(), "s.yaml", STRICT)


@pytest.mark.parametrize(("place", "where"), [("expected", "8:46"), ("script", "10:42")])
def test_what_is_judged_or_shown_may_not(place: str, where: str) -> None:
    with pytest.raises(SuiteErrors) as caught:
        load_suite(suite_with(place), "s.yaml", STRICT)
    hint = "secrets stand in 'env', 'args', 'headers' and 'bearer_token' of a server, and in 'input'"
    assert str(caught.value) == f"s.yaml:{where}: the secret 'KEY' cannot be named here; {hint}"


@pytest.mark.parametrize("key", ['headers: {X-Key: "${secret:KEY}"}', 'bearer_token: "${secret:KEY}"'])
def test_a_server_over_http_may_be_given_one(key: str) -> None:
    suite = f'name: s\nserver: {{url: "http://x", {key}}}\ntools: [{{name: t, tests: [{{name: a}}]}}]\n'
    load_suite(suite.encode(), "s.yaml", STRICT)
