"""What an unquoted scalar means."""

import pytest

from harness.suites.scalars import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-17", -17),
        ("+3", 3),
        ("0x1F", 31),
        ("0o17", 15),
        ("9007199254740993", 9007199254740993),
        ("0.5", 0.5),
        ("-.5", -0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("yes", "yes"),
        ("off", "off"),
        ("2024-01-31", "2024-01-31"),
        ("12:30:00", "12:30:00"),
        ("1_000", "1_000"),
        ("0x", "0x"),
        ("1.2.3", "1.2.3"),
        ("-", "-"),
        ("<<", "<<"),
    ],
)
def test_a_scalar_has_the_meaning_of_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    resolved = resolve(text)

    assert (resolved, type(resolved)) == (value, type(value))


@pytest.mark.parametrize("text", [".nan", ".inf", "-.Inf", "1e999", "010", "-007", "00.5", "9" * 301, "0x" + "f" * 300])
def test_what_json_cannot_hold_or_two_yaml_versions_read_differently_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        resolve(text)
