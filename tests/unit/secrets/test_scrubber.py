"""No form of a secret's value passes, whole or cut; everything else does."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.safe_text import one_line, safe_text
from harness.secrets.scrubber import Scrubber

TOKEN = 'p@ss/w"ord\n-é+x'
VALUES = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=6, max_size=40)


@pytest.mark.parametrize(
    "form",
    [
        TOKEN,
        quote(TOKEN),
        quote(TOKEN, safe=""),
        quote(TOKEN, safe="").lower(),
        quote_plus(TOKEN),
        json.dumps(TOKEN)[1:-1],
        json.dumps(json.dumps(TOKEN))[3:-3],
        json.dumps(TOKEN, ensure_ascii=False)[1:-1],
        one_line(TOKEN, 100),
        TOKEN.encode().hex(),
        TOKEN.encode().hex().upper(),
    ],
)
def test_every_form_of_a_value_becomes_its_name(form: str) -> None:
    assert Scrubber([("TOKEN", TOKEN)]).text(f"a {form} b") == "a [secret:TOKEN] b"


@given(VALUES, st.binary(max_size=5), st.binary(max_size=5))
def test_base64_is_found_wherever_the_value_begins(value: str, before: bytes, after: bytes) -> None:
    scrubber = Scrubber([("TOKEN", value)])
    whole = before + value.encode() + after
    assert b"[secret:TOKEN]" in scrubber.scrub(base64.b64encode(whole))
    assert b"[secret:TOKEN]" in scrubber.scrub(base64.urlsafe_b64encode(whole))


@given(VALUES, st.text(max_size=20), st.text(max_size=20))
def test_what_was_made_printable_holds_no_value(value: str, before: str, after: str) -> None:
    shown = safe_text(before + value + after, 1000)
    assert safe_text(value, 1000) not in Scrubber([("TOKEN", value)]).text(shown)


def test_what_is_left_of_a_cut_value_goes_too() -> None:
    scrubber = Scrubber([("TOKEN", "0123456789abcdef")])
    assert scrubber.text("it is 0123456789a...") == "it is ???????????..."
    assert scrubber.text("...89abcdef it was") == "...???????? it was"
    assert scrubber.tail("89abcdef it was") == "???????? it was"
    assert scrubber.text("01234 and abcdef") == "01234 and abcdef"


def test_the_longest_of_values_that_hold_each_other_is_named() -> None:
    scrubber = Scrubber([("SHORT", "abcdef"), ("LONG", "abcdefghij")])
    assert scrubber.text("abcdefghij abcdef") == "[secret:LONG] [secret:SHORT]"


def test_values_in_json_go_with_the_names_of_members() -> None:
    scrubber = Scrubber([("TOKEN", "0123456789")])
    found = scrubber.value({"0123456789": ["x 0123456789", 1, None, {"a": True}]})
    assert found == {"[secret:TOKEN]": ["x [secret:TOKEN]", 1, None, {"a": True}]}


def test_bytes_that_are_no_text_stay() -> None:
    assert Scrubber([("TOKEN", "0123456789")]).scrub(b"\xff\xfe0123456789\x00") == b"\xff\xfe[secret:TOKEN]\x00"
    assert Scrubber([("TOKEN", "0123456789")]).text("\ud800 0123456789") == "\ud800 [secret:TOKEN]"


def test_without_secrets_everything_is_passed_on_as_it_is() -> None:
    value = {"a": ["b"]}
    assert Scrubber(()).value(value) is value and Scrubber(()).is_idle
