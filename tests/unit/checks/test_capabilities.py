"""Declared capabilities against those that the server announced."""

from harness.checks.capabilities import compare
from harness.models.attempt import CheckFailure
from harness.models.suite import Capabilities


def test_only_what_was_declared_is_compared() -> None:
    assert compare(Capabilities(), {"tools": {}, "prompts": {}}) == ()
    declared = Capabilities(tools=True, resources=False, sampling=True, experimental={"x": 1})
    assert compare(declared, {"tools": {"listChanged": True}, "logging": {}}) == ()


def test_contradictions_are_reported_both_ways() -> None:
    declared = Capabilities(tools=True, resources=True, prompts=False, logging=True)
    assert compare(declared, {"tools": {}, "resources": None, "prompts": {}}) == (
        CheckFailure(check="capabilities", path="resources", expected="offered", actual="not offered"),
        CheckFailure(check="capabilities", path="prompts", expected="not offered", actual="offered"),
        CheckFailure(check="capabilities", path="logging", expected="offered", actual="not offered"),
    )
