"""Compares the capabilities that an author declares with those that the server announced."""

from collections.abc import Mapping
from typing import Any

from harness.models.attempt import CheckFailure
from harness.models.suite import Capabilities

# The server's capabilities; `sampling` is the client's, `experimental` has no agreed meaning.
COMPARED = ("tools", "resources", "prompts", "logging")
WORDS = {True: "offered", False: "not offered"}


def compare(declared: Capabilities, server: Mapping[str, Any]) -> tuple[CheckFailure, ...]:
    """The declared keys that the server contradicts. `server` is `capabilities` of its answer to `initialize`."""
    return tuple(
        CheckFailure(check="capabilities", path=name, expected=WORDS[wanted], actual=WORDS[not wanted])
        for name in COMPARED
        if (wanted := getattr(declared, name)) is not None and wanted != (server.get(name) is not None)
    )
