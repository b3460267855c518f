"""`server` and `environment` of a v1 file → `server`, `version`, `variables` and commands of a suite."""

import shlex

from harness.models.server import Server
from harness.suites.tree import Entry, Leaf, ListNode, MapNode, Node, node_of
from harness.suites.v1.carry import Becomes, Configures, Defers, Table, Treatment, carry
from harness.suites.v1.commands import add_setup_commands, add_teardown_commands
from harness.suites.v1.configuration import HEALTH_CHECK, HEALTH_CHECK_DEFERRED
from harness.suites.v1.nodes import Mapped, mapping_at, said_of, text
from harness.suites.v1.notes import Notes


def put_server(entry: Entry, suite: Mapped, notes: Notes) -> None:
    """Write the server of a file into a suite."""
    carry(mapping_at(entry, "server", notes), SERVER, suite, notes)


def put_environment(entry: Entry, suite: Mapped, notes: Notes) -> None:
    """Write the environment of a file into a suite."""
    carry(mapping_at(entry, "environment", notes), ENVIRONMENT, suite, notes)


def put_variables_of_environment(entry: Entry, suite: Mapped, notes: Notes) -> None:
    """Variables of the environment are those of the server, and can be named in texts, too."""
    node = mapping_at(entry, "environment.variables", notes)
    env = Mapped(entry.key_mark)
    for key, member in node.entries.items():
        if isinstance(member.node, Leaf):
            env.default(key, Entry(member.key_mark, _as_text(member.node)))
        else:
            notes.wrong(member.node.mark, key, "must be text: it is a variable of the environment")
    if node.entries:
        suite.mapping("server", entry.key_mark).default("env", Entry(entry.key_mark, env.node()))
        suite.default("variables", Entry(entry.key_mark, node))


def _as_text(leaf: Leaf) -> Node:
    value = leaf.value
    if isinstance(value, str):
        return leaf
    return node_of("" if value is None else str(value).lower() if isinstance(value, bool) else str(value), leaf.mark)


def _put_command(entry: Entry, suite: Mapped, notes: Notes) -> None:
    """A command may be a whole command line; a program has no blanks."""
    server = suite.mapping("server", entry.key_mark)
    try:
        words = shlex.split(text(entry.node))
    except ValueError as problem:
        notes.wrong(entry.node.mark, "start_command", f"cannot be split into words: {problem}")
        return
    if len(words) < 2 or "${" in text(entry.node):
        server.put("command", entry, notes)
        return
    server.put("command", Entry(entry.key_mark, node_of(words[0], entry.node.mark)), notes)
    server.prepend("args", [node_of(word, entry.node.mark) for word in words[1:]], entry.key_mark)


def _put_args(entry: Entry, suite: Mapped, notes: Notes) -> None:
    server = suite.mapping("server", entry.key_mark)
    if isinstance(entry.node, ListNode):
        server.add("args", entry.node.items, entry.key_mark)
    else:
        server.put("args", entry, notes)


def _put_env(entry: Entry, suite: Mapped, notes: Notes) -> None:
    """The server's own variables win over those of the environment."""
    server = suite.mapping("server", entry.key_mark)
    own, before = mapping_at(entry, "server.env", notes), server.value("env")
    others = before.entries if isinstance(before, MapNode) else {}
    server.replace("env", Entry(entry.key_mark, MapNode(own.mark, {**others, **own.entries})))


def _put_name(entry: Entry, suite: Mapped, notes: Notes) -> None:
    suite.mapping("metadata", entry.key_mark).put("server_name", entry, notes)


def _put_version(entry: Entry, suite: Mapped, notes: Notes) -> None:
    value = said_of(entry.node)
    node = node_of(str(value), entry.node.mark) if isinstance(value, int | float) else entry.node
    suite.put("version", Entry(entry.key_mark, node), notes)


def _put_health_check(entry: Entry, suite: Mapped, notes: Notes) -> None:
    carry(mapping_at(entry, "health_check", notes), CHECK, suite, notes)


def _into_server(key: str) -> Treatment:
    """A key of our servers, or one that does not act yet."""
    return Becomes(f"server.{key}") if key in Server.model_fields else Defers()


_OTHER_NAMES = {
    "working_directory": "working_dir",
    "startup_timeout": "startup_timeout_seconds",
    "shutdown_timeout": "shutdown_timeout_seconds",
    "connection_timeout": "connection_timeout_seconds",
}
_SAME = (
    "working_dir", "transport", "protocol_version", "url", "headers", "startup_timeout_seconds",
    "shutdown_timeout_seconds", "connection_timeout_seconds", "request_timeout_seconds",
)  # fmt: skip
_BY_SESSION = "does not act: a server is started for each session, and another one when it dies"
_DEFERRED = (
    "path_additions", "kill_signal", "shutdown_signal", "signal_timeout_seconds", "stdin_buffer_size",
    "stdout_buffer_size", "line_ending", "pipe_timeout", "pipe_timeout_seconds", "read_timeout", "read_timeout_seconds",
    "write_timeout", "write_timeout_seconds", "keep_alive", "max_connections", "ping_interval",
    "ping_interval_seconds", "pong_timeout", "pong_timeout_seconds", "max_message_size", "subprotocols",
)  # fmt: skip
CHECK = Table(
    "server.health_check",
    {**dict.fromkeys(HEALTH_CHECK, Configures()), **dict.fromkeys(HEALTH_CHECK_DEFERRED, Defers())},
    "server.health_check",
)
SERVER = Table(
    "server",
    {
        "start_command": Becomes("server.command", _put_command),
        "command": Becomes("server.command", _put_command),
        "args": Becomes("server.args", _put_args),
        "env": Becomes("server.env", _put_env),
        "environment": Becomes("server.env", _put_env),
        "name": Becomes("metadata.server_name", _put_name),
        "version": Becomes("version", _put_version),
        **{key: _into_server(key) for key in _SAME},
        **{theirs: _into_server(ours) for theirs, ours in _OTHER_NAMES.items()},
        **dict.fromkeys(("auto_start", "auto_restart", "restart_delay_seconds"), Defers(_BY_SESSION)),
        "max_restart_attempts": Defers(_BY_SESSION),
        **dict.fromkeys(_DEFERRED, Defers()),
        "limits": Defers(below=("max_memory_mb", "max_cpu_percent", "nice_level")),
        "tls": Defers(below=("verify_certificates", "ca_bundle_path", "client_cert_path", "client_key_path")),
        "connection_pool": Defers(
            below=("max_connections", "connection_timeout_seconds", "idle_timeout_seconds", "keepalive_enabled")
        ),
        "health_check": Becomes("", _put_health_check),
    },
    "server",
)
_LIMITS = (
    "max_memory_mb", "max_swap_mb", "max_cpu_seconds", "max_cpu_percent", "max_disk_usage_mb",
    "max_network_bandwidth_mbps", "max_open_files", "max_processes", "max_wall_time_seconds", "max_idle_time_seconds",
)  # fmt: skip
_IN_SANDBOX = "does not act: servers run in a sandbox of their own, which is removed"
ENVIRONMENT = Table(
    "environment",
    {
        "variables": Becomes("server.env and variables", put_variables_of_environment),
        "setup_commands": Becomes("setup_commands", add_setup_commands),
        "teardown_commands": Becomes("teardown_commands", add_teardown_commands),
        "path_additions": Defers(),
        "env_files": Defers(),
        **dict.fromkeys(
            ("working_directory", "temp_directory", "create_temp_dirs", "cleanup_temp_files"), Defers(_IN_SANDBOX)
        ),
        "limits": Defers(below=_LIMITS),
        "container": Defers(below=("enabled", "image", "network", "volumes")),
        "cloud": Defers(below=("provider", "region", "instance_type")),
        "monitoring": Defers(below=("prometheus_pushgateway", "jaeger_endpoint", "datadog_api_key")),
    },
    "environment",
)
