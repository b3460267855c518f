"""Keys that the documents of the format name and that do not act yet: accepted, and listed with their lines.

One table: model → key → the keys that are documented below it (None: whatever stands there). A key leaves this table
in the change that makes it act. Never put a key here whose absence would let a test pass that says it must fail
without saying so: whatever is listed is shown to the author at every load.
"""

from collections.abc import Mapping

from harness.models.expected import Expected
from harness.models.performance import Performance
from harness.models.suite import PromptTests, ResourceTests, Suite, SuiteConfig, TestCase, ToolTests
from harness.models.wire import Authored

Below = Mapping[str, "Below"] | None


def _keys(*names: str) -> dict[str, Below]:
    return dict.fromkeys(names)


_OF_EVERY_TEST: dict[str, Below] = {
    "test_config": _keys(
        "concurrent_requests",
        "stress_test_duration_seconds",
        "retry_attempts",
        "timeout_override_ms",
        "requests_per_second",
    ),
}

DEFERRED: Mapping[type[Authored], Mapping[str, Below]] = {
    Suite: {
        "script_config": {
            **_keys("enabled", "scripts"),
            "security": _keys("allow_network", "timeout_ms", "memory_limit_mb"),
        },
        "error_tests": None,
    },
    ToolTests: _keys("input_schema", "output_schema"),
    TestCase: _OF_EVERY_TEST,
    Performance: _keys("expect_progress_notifications"),
    ResourceTests: {},
    PromptTests: {},
    Expected: _keys(
        "performance_tests",
        "max_execution_time_ms",
        "memory_limit_mb",
        "error_injection_tests",
        "progress_expected",
        "min_progress_updates",
        "subscription_expected",
        "update_interval_seconds",
    ),
    SuiteConfig: {
        "progress_notifications": _keys("enabled", "timeout_seconds", "min_updates_expected"),
        "logging_tests": _keys(
            "enabled", "log_collection_duration_seconds", "expected_log_levels", "min_log_messages_expected"
        ),
        "subscription_tests": _keys("enabled", "update_timeout_seconds", "min_updates_expected"),
        "transport_tests": None,
    },
}
"""The whole table. A model that is absent defers nothing."""
