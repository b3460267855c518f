"""One suite of a v1 file, and what `global` says for all of them → keys of a suite."""

from harness.models.suite import Retry
from harness.suites.tree import Entry
from harness.suites.v1.carry import Becomes, Configures, Defers, Table, carry
from harness.suites.v1.cases import put_only_if, put_skip_if
from harness.suites.v1.commands import put_cleanup, put_setup, put_setup_script, put_teardown_script
from harness.suites.v1.configuration import LIMITS
from harness.suites.v1.nodes import Mapped, mapping_at, said_of
from harness.suites.v1.notes import Notes
from harness.suites.v1.server import put_variables_of_environment


def put_global(entry: Entry, suite: Mapped, notes: Notes) -> None:
    """Write what a file says of all its suites into one of them."""
    carry(mapping_at(entry, "global", notes), GLOBAL, suite, notes)


def _put_retry(entry: Entry, suite: Mapped, notes: Notes) -> None:
    node = mapping_at(entry, "retry", notes)
    carry(node, RETRY, suite.mapping("test_config", entry.key_mark).mapping("retry", entry.key_mark), notes)


def _put_variable(entry: Entry, suite: Mapped, notes: Notes, name: str) -> None:
    suite.mapping("variables", entry.key_mark).default(name, entry)


def _put_environment_name(entry: Entry, suite: Mapped, notes: Notes) -> None:
    _put_variable(entry, suite, notes, "environment")


def _put_default_path(entry: Entry, suite: Mapped, notes: Notes) -> None:
    _put_variable(entry, suite, notes, "default_project_path")


def _put_project_path(entry: Entry, suite: Mapped, notes: Notes) -> None:
    _put_variable(entry, suite, notes, "project_path")


def _put_environment(entry: Entry, suite: Mapped, notes: Notes) -> None:
    """Of one suite: variables."""
    put_variables_of_environment(entry, suite, notes)


def _put_parallel(entry: Entry, suite: Mapped, notes: Notes) -> None:
    parallel = said_of(entry.node)
    if not isinstance(parallel, bool):
        notes.wrong(entry.node.mark, "parallel_execution", "must be true or false")
        return
    suite.say("isolation", "shared" if parallel else "suite", entry.key_mark)


def _put_limit(entry: Entry, suite: Mapped, notes: Notes) -> None:
    suite.mapping("test_config", entry.key_mark).put("timeout_seconds", entry, notes)


def _put_limit_of_suite(entry: Entry, suite: Mapped, notes: Notes) -> None:
    notes.reading(entry.key_mark, "timeout_seconds", "is read as the limit of each test: a suite has none of its own")
    suite.mapping("test_config", entry.key_mark).default("timeout_seconds", entry)


def _put_concurrency(entry: Entry, suite: Mapped, notes: Notes) -> None:
    suite.mapping("test_config", entry.key_mark).put("max_concurrency", entry, notes)


def _put_cases_elsewhere(entry: Entry, suite: Mapped, notes: Notes) -> None:
    """Cases are translated by whoever knows them (`translate.py`)."""


_DEFERRED_GLOBAL = (
    "log_level", "log_format", "log_file", "console_output", "stop_on_first_suite_failure", "continue_on_setup_failure",
    "parallel_suite_execution", "collect_metrics", "collect_traces", "metrics_interval_seconds", "cleanup_on_success",
    "cleanup_on_failure", "preserve_server_logs", "strict_validation", "allow_unknown_fields", "normalize_responses",
)  # fmt: skip
GLOBAL = Table(
    "global",
    {
        "max_global_concurrency": Becomes("test_config.max_concurrency"),
        "fail_fast": Becomes("test_config.fail_fast"),
        "global_timeout_seconds": Configures(),
        "environment": Becomes("variables.environment", _put_environment_name),
        "default_project_path": Becomes("variables.default_project_path", _put_default_path),
        "retry": Becomes("test_config.retry", _put_retry),
        "resource_limits": Defers(below=LIMITS),
        **dict.fromkeys(_DEFERRED_GLOBAL, Defers()),
    },
    "global",
)
RETRY = Table(
    "global.retry",
    {
        **{key: Becomes(key) for key in Retry.model_fields},
        "retry_on_status_codes": Defers(),
    },
    "retry",
)
_SAME = (
    "name",
    "description",
    "enabled",
    "priority",
    "depends_on",
    "required_success_rate",
    "variables",
    "tags",
    "matrix",
)
SUITE = Table(
    "test_suites[]",
    {
        **{key: Becomes(key) for key in _SAME},
        "test_cases": Becomes("", _put_cases_elsewhere, takes_null=True),
        "skip_condition": Becomes("skip_if", put_skip_if),
        "skip_if": Becomes("skip_if", put_skip_if),
        "only_if": Becomes("only_if", put_only_if),
        "parallel_execution": Becomes("isolation", _put_parallel),
        "max_concurrency": Becomes("test_config.max_concurrency", _put_concurrency),
        "max_suite_concurrency": Becomes("test_config.max_concurrency", _put_concurrency),
        "fail_fast": Becomes("test_config.fail_fast"),
        "continue_on_failure": Defers("does not act: other suites always go on", unless=True),
        "timeout_override_seconds": Becomes("test_config.timeout_seconds", _put_limit),
        "timeout_seconds": Becomes("test_config.timeout_seconds", _put_limit_of_suite),
        "retry": Becomes("test_config.retry", _put_retry),
        "retry_config": Becomes("test_config.retry", _put_retry),
        "setup_script": Becomes("setup_commands", put_setup_script),
        "teardown_script": Becomes("teardown_commands", put_teardown_script),
        "setup": Becomes("", put_setup),
        "cleanup": Becomes("", put_cleanup),
        "environment": Becomes("server.env and variables", _put_environment),
        "project_path": Becomes("variables.project_path", _put_project_path),
        "resource_limits": Defers(below=("max_memory_mb", "max_execution_time_seconds", "max_disk_usage_mb")),
        "custom_report_template": Defers(),
        "include_in_summary": Defers("does not act: every suite is part of the summary"),
    },
)
