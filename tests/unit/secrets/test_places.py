"""`${secret:NAME}` in a server: who is named, and that a value is never looked at again."""

from harness.models.server import Server
from harness.secrets.places import secrets_named, secrets_of, with_secrets
from harness.templates import Names, fill_text

SERVER = Server(command="x", args=("--key=${secret:A}", "${sandbox}"), env={"B": "${secret:B}", "C": "$${x}"})


def test_all_names_are_found() -> None:
    assert secrets_of(SERVER) == {"A", "B"}
    assert secrets_named({"a": ["${ secret:X }", 1, None], "b": {"c": "y ${secret:Y}"}}) == {"X", "Y"}


def test_values_take_their_places_and_all_else_waits_for_its_moment() -> None:
    filled = with_secrets(SERVER, {"A": "${sandbox}", "B": "plain"}.__getitem__)
    last = Names({"sandbox": "/box"})
    assert [fill_text(argument, last) for argument in filled.args] == ["--key=${sandbox}", "/box"]
    assert {name: fill_text(value, last) for name, value in filled.env.items()} == {"B": "plain", "C": "${x}"}


def test_a_server_without_secrets_is_left_alone() -> None:
    server = Server(command="x")
    assert with_secrets(server, {}.__getitem__) is server
