"""Two spellings of one key, as the documents of the format have them: both are accepted.

Owns which spelling is ours. Giving both in one place is an error, whatever they say.
"""

from collections.abc import Mapping

from harness.models.expected import Expected, FieldExpectation
from harness.models.performance import Performance
from harness.models.server import Server
from harness.models.suite import PromptTests, ResourceTests, Suite, TestCase, ToolTests
from harness.models.target import Target
from harness.models.wire import Authored

_OF_SERVERS = {
    "working_directory": "working_dir",
    "environment": "env",
    "startup_timeout": "startup_timeout_seconds",
    "shutdown_timeout": "shutdown_timeout_seconds",
    "connection_timeout": "connection_timeout_seconds",
    "request_timeout": "request_timeout_seconds",
}

SPELLINGS: Mapping[type[Authored], Mapping[str, str]] = {
    Server: _OF_SERVERS,
    Target: _OF_SERVERS,
    ToolTests: {"test_cases": "tests"},
    ResourceTests: {"test_cases": "tests"},
    PromptTests: {"test_cases": "tests"},
    TestCase: {"depends_on": "dependencies"},
    Performance: {
        "max_execution_time_ms": "max_duration_ms",
        "max_memory_usage_mb": "max_memory_mb",
        "max_cpu_usage_percent": "max_cpu_percent",
        "min_throughput_per_second": "min_ops_per_sec",
        "min_requests_per_second": "min_ops_per_sec",
        "response_time_percentiles": "percentiles",
    },
    Expected: {"schema": "json_schema"},
    FieldExpectation: {"type": "field_type"},
}
"""Model → other spelling → ours."""

OF_MAPPINGS: Mapping[type[Authored], Mapping[str, str]] = {
    TestCase: {"parameters": "input"},
    Suite: {"targets": "targets_where"},
}
"""The same where the key stands before a mapping: as a list, it is a key of ours."""

QUIET = frozenset({"depends_on", "schema", "targets"})
"""Spellings that the format itself documents as equal: taken without a word."""
