"""What a target requires against what a worker offers."""

import pytest

from harness.targets.abilities import missing, parse_abilities

OFFERED = parse_abilities("node=20.20.1 python=3.11.7 uvx net=egress =odd")


@pytest.mark.parametrize(
    ("requirement", "is_met"),
    [
        ("uvx", True),
        ("node", True),
        ("docker", False),
        ("node>=20", True),
        ("node >= 20.20.1", True),
        ("node>=20.20.2", False),
        ("node>=22", False),
        ("node>20", False),
        ("node>19", True),
        ("node<=20", True),
        ("node<=20.19", False),
        ("node<20", False),
        ("node<20.21", True),
        ("node==20", True),
        ("node==20.20.1", True),
        ("node==20.20.0", False),
        ("python>=3.9", True),
        ("net=egress", True),
        ("net=none", False),
        ("uvx>=1", False),
        ("no requirement", False),
    ],
)
def test_a_requirement_is_met_as_exactly_as_it_is_written(requirement: str, is_met: bool) -> None:
    assert missing([requirement], OFFERED) == (() if is_met else (requirement,))


def test_a_short_version_that_is_offered_ends_in_zeros() -> None:
    offered = parse_abilities("node=20")
    assert missing(["node>=20.0.0", "node==20.0", "node<20.0.1", "node>=20.1"], offered) == ("node>=20.1",)
