"""Two spellings of one key, as the documents of the format have them: both are accepted.

Owns which spelling is ours. Giving both in one place is an error, whatever they say.
"""

from collections.abc import Mapping

from harness.models.expected import FieldExpectation
from harness.models.server import Server
from harness.models.suite import OtherTest, PromptTests, ResourceTests, ToolTest, ToolTests
from harness.models.wire import Authored

SPELLINGS: Mapping[type[Authored], Mapping[str, str]] = {
    Server: {
        "working_directory": "working_dir",
        "environment": "env",
        "startup_timeout": "startup_timeout_seconds",
        "shutdown_timeout": "shutdown_timeout_seconds",
    },
    ToolTests: {"test_cases": "tests"},
    ResourceTests: {"test_cases": "tests"},
    PromptTests: {"test_cases": "tests"},
    ToolTest: {"depends_on": "dependencies", "parameters": "input"},
    OtherTest: {"depends_on": "dependencies", "parameters": "input"},
    FieldExpectation: {"type": "field_type"},
}
"""Model → other spelling → ours."""

QUIET = frozenset({"depends_on"})
"""Spellings that the format itself documents as equal: taken without a word."""
