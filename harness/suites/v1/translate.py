"""A file of the v1 format → suites of the modern one. Trees in, trees out; every place stays that of the file.

The format is that of the seed's documents: `global`, `server`, `environment`, `test_suites`, and sections that
configure the farm rather than say what is tested. Nothing is passed over in silence: what does not act is deferred.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.suites.findings import Findings
from harness.suites.tree import Entry, Leaf, MapNode, Mark, Node, plain
from harness.suites.v1.cases import Case, translate_case
from harness.suites.v1.nodes import Mapped, defer_all, items, members, text

SUITES = "test_suites"
CONFIGURATION = ("performance", "reporting", "security", "monitoring", "validation", "environments", "baselines")
SERVER: Mapping[str, str] = {"start_command": "command", "url": "url"}
SERVER_SAME = frozenset(
    {
        "command", "args", "env", "working_dir", "transport", "startup_timeout_seconds", "shutdown_timeout_seconds",
        "headers", "protocol_version", "environment", "working_directory",
    }
)  # fmt: skip
SUITE_SAME: Mapping[str, str] = {
    "name": "name",
    "description": "description",
    "enabled": "enabled",
    "priority": "priority",
    "depends_on": "depends_on",
    "required_success_rate": "required_success_rate",
    "skip_condition": "skip_if",
    "skip_if": "skip_if",
    "only_if": "only_if",
    "variables": "variables",
    "tags": "tags",
    "matrix": "matrix",
}
SUITE_CONFIG = {
    "max_concurrency": "max_concurrency",
    "max_suite_concurrency": "max_concurrency",
    "fail_fast": "fail_fast",
}
RETRY = frozenset(
    {
        "max_retries", "retry_delay_ms", "exponential_backoff", "max_backoff_ms", "jitter", "retry_on_patterns",
        "no_retry_patterns",
    }
)  # fmt: skip
MAX_CONCURRENCY = 64


@dataclass(frozen=True)
class Part:
    """One suite of a file."""

    name: str
    root: Node


def is_v1(root: Node) -> bool:
    """Whether a file is of the v1 format."""
    return isinstance(root, MapNode) and SUITES in root.entries


def translate(root: MapNode, findings: Findings) -> tuple[Part, ...]:
    """The suites of a v1 file, in order. Problems go to `findings`."""
    entries = dict(root.entries)
    suites = entries.pop(SUITES)
    shared = Mapped(root.mark)
    for key, entry in entries.items():
        _put_shared(shared, key, entry, findings)
    parts = tuple(_part(node, shared.node(), findings) for node in items(suites.node) if isinstance(node, MapNode))
    if not parts:
        findings.error(suites.node.mark, f"'{SUITES}' must be a list of suites, with at least one")
    return parts


def _put_shared(shared: Mapped, key: str, entry: Entry, findings: Findings) -> None:
    """What stands beside the suites of a file counts for all of them."""
    if key == "global":
        _put_global(shared, entry, findings)
    elif key == "server":
        shared.put("server", Entry(entry.key_mark, _server(entry.node, findings)))
    elif key == "environment":
        _put_environment(shared, entry, findings)
    elif key in ("setup_commands", "teardown_commands", "variables"):
        shared.put(key, entry)
    elif key in CONFIGURATION:
        defer_all(entry.node, key, findings)
    else:
        findings.error(entry.key_mark, f"unknown key '{key}'", findings.did_you_mean(key, _TOP))


_TOP = ("global", "server", "environment", "setup_commands", "teardown_commands", "variables", SUITES, *CONFIGURATION)


def _put_global(shared: Mapped, entry: Entry, findings: Findings) -> None:
    config = shared.mapping("test_config", entry.key_mark)
    for key, member in members(entry.node).items():
        if key == "retry":
            config.put("retry", Entry(member.key_mark, _retry(member.node, findings)))
        elif key == "max_global_concurrency":
            config.put("max_concurrency", member)
        elif key == "fail_fast":
            config.put("fail_fast", member)
        else:
            defer_all(member.node, f"global.{key}", findings)


def _retry(node: Node, findings: Findings) -> Node:
    retry = Mapped(node.mark)
    for key, entry in members(node).items():
        if key in RETRY:
            retry.put(key, entry)
        else:
            defer_all(entry.node, f"retry.{key}", findings)
    return retry.node()


def _server(node: Node, findings: Findings) -> Node:
    server = Mapped(node.mark)
    for key, entry in members(node).items():
        if key in SERVER:
            server.put(SERVER[key], entry)
        elif key in SERVER_SAME:
            server.put(key, entry)
        else:
            defer_all(entry.node, f"server.{key}", findings)
    return server.node()


def _put_environment(shared: Mapped, entry: Entry, findings: Findings) -> None:
    for key, member in members(entry.node).items():
        if key in ("setup_commands", "teardown_commands", "variables"):
            shared.put(key, member)
        else:
            defer_all(member.node, f"environment.{key}", findings)


def _part(node: MapNode, shared: MapNode, findings: Findings) -> Part:
    suite = Mapped(node.mark)
    for key, entry in node.entries.items():
        if key != "test_cases":
            _put_suite(suite, key, entry, findings)
    cases = node.entries.get("test_cases")
    _put_cases(suite, [translate_case(item, findings) for item in _cases(cases)])
    for key, entry in shared.entries.items():
        _inherit(suite, key, entry)
    return Part(text(node.entries["name"].node) if "name" in node.entries else "", suite.node())


def _inherit(suite: Mapped, key: str, entry: Entry) -> None:
    """Settings and variables of the file stand below those of the suite."""
    if key in ("test_config", "variables") and isinstance(entry.node, MapNode):
        inner = suite.mapping(key, entry.key_mark)
        for name, member in entry.node.entries.items():
            inner.put(name, member)
    else:
        suite.put(key, entry)


def _cases(entry: Entry | None) -> Iterator[MapNode]:
    for node in items(entry.node if entry else None):
        if isinstance(node, MapNode):
            yield node


def _put_suite(suite: Mapped, key: str, entry: Entry, findings: Findings) -> None:
    if key in SUITE_SAME:
        suite.put(SUITE_SAME[key], entry)
    elif key in SUITE_CONFIG:
        suite.mapping("test_config", entry.key_mark).put(SUITE_CONFIG[key], entry)
    elif key in ("retry", "retry_config"):
        config = suite.mapping("test_config", entry.key_mark)
        config.put("retry", Entry(entry.key_mark, _retry(entry.node, findings)))
    elif key == "parallel_execution":
        if _is(entry.node, False):
            suite.say("isolation", "suite", entry.key_mark)
    elif key == "continue_on_failure":
        if _is(entry.node, False):
            suite.mapping("test_config", entry.key_mark).say("fail_fast", True, entry.key_mark)
    elif key in _SUITE_DEFERRED:
        defer_all(entry.node, key, findings)
    else:
        findings.error(entry.key_mark, f"unknown key '{key}'", findings.did_you_mean(key, (*SUITE_SAME, *SUITE_CONFIG)))


_SUITE_DEFERRED = frozenset(
    {
        "timeout_seconds", "timeout_override_seconds", "setup_script", "teardown_script", "resource_limits",
        "custom_report_template", "include_in_summary", "environment", "setup", "cleanup",
    }
)  # fmt: skip


def _is(node: Node, value: bool) -> bool:
    return plain(node) is value if isinstance(node, Leaf) else False


def _put_cases(suite: Mapped, cases: list[Case]) -> None:
    """Tests below their tools and methods, in the order of the file; tools in that of their first test."""
    owners: dict[tuple[str, str], list[Node]] = {}
    marks: dict[tuple[str, str], Mark] = {}
    for case in cases:
        key = (case.section, case.owner)
        owners.setdefault(key, []).append(case.test)
        marks.setdefault(key, case.test.mark)
    for (section, owner), tests in owners.items():
        mark = marks[section, owner]
        if section == "flows":
            suite.add(section, tests, mark)
            continue
        below = Mapped(mark)
        below.say("name", owner, mark)
        below.add("tests", tests, mark)
        suite.add(section, [below.node()], mark)
