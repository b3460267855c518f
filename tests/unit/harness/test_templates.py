"""What is filled in where `${…}` stands, and what is left to others."""

import pytest

from harness.templates import LATER, Names, fill, fill_all, fill_text

EARLY = Names({"limit": 50, "name": "a", "matrix": {"x": [1, 2]}, "empty": ""}, later=LATER)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("${limit}", 50),
        ("${ limit * 2 }", 100),
        ("${matrix.x}", [1, 2]),
        ("at ${limit} of ${name}", "at 50 of a"),
        ("x=${matrix.x}", "x=[1, 2]"),
        ("${gone:-8080}", "8080"),
        ("${name:-b}", "a"),
        ("${empty:-b}", ""),
        ("${gone:-}", ""),
        ("${sandbox}/${name}", "${sandbox}/a"),
        ("${steps.login.token}", "${steps.login.token}"),
        ("${target.version}", "${target.version}"),
        ("${secret:TOKEN}", "${secret:TOKEN}"),
        ("costs $5 {x} $ {y} ${", "costs $5 {x} $ {y} ${"),
        ("$${limit}", "$${limit}"),
        ("plain", "plain"),
    ],
)
def test_what_is_known_is_filled_in_and_the_rest_is_left(text: str, filled: object) -> None:
    assert fill(text, EARLY) == filled


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("${gone}", "${gone}: there is no 'gone'"),
        ("a ${limit +} b", "${limit +}: not an expression"),
        ("${steps.a + limit}", "'steps' is known later than 'limit'; use two places"),
        ("${}", "${}: an expression is missing"),
        ("${open('x')}", "only these can be called"),
    ],
)
def test_what_cannot_be_filled_in_names_the_place(text: str, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        fill(text, EARLY)
    assert words in str(caught.value)


def test_what_a_server_said_is_never_filled_in_itself() -> None:
    late = Names(
        {"sandbox": "/s", "steps": {"a": {"text": "${secret:TOKEN} ${sandbox}"}}}, secret={"TOKEN": "hush"}.__getitem__
    )

    assert fill("${steps.a.text}", late) == "${secret:TOKEN} ${sandbox}"
    assert fill("${sandbox} ${steps.a.text} ${secret:TOKEN}", late) == "/s ${secret:TOKEN} ${sandbox} hush"


def test_the_last_one_takes_the_second_dollar_away() -> None:
    assert fill("$${limit} $$${limit}", Names({"limit": 1})) == "${limit} $${limit}"


def test_all_texts_of_a_value_are_filled_in_but_names_of_members() -> None:
    assert fill_all({"${name}": ["${limit}", {"a": "${name}"}], "b": 1}, EARLY) == {
        "${name}": [50, {"a": "a"}],
        "b": 1,
    }
    assert fill_text("${limit}", EARLY) == "50"
