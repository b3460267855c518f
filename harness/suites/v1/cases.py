"""A v1 test case → a test, and the section and owner that it stands below."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.models.method import Method
from harness.suites.findings import Findings
from harness.suites.tree import Entry, Leaf, ListNode, MapNode, Node
from harness.suites.v1.nodes import Mapped, defer_all, items, members, text
from harness.suites.v1.validation import field_of

METHODS = frozenset(method.value for method in Method if method is not Method.CALL_TOOL)
SAME: Mapping[str, str] = {
    "id": "name",
    "name": "name",
    "description": "description",
    "enabled": "enabled",
    "priority": "priority",
    "timeout_override_seconds": "timeout_seconds",
    "input_params": "input",
    "input": "input",
    "depends_on": "dependencies",
    "dependencies": "dependencies",
    "skip": "skip",
    "skip_if": "skip_if",
    "skip_condition": "skip_if",
    "only_if": "only_if",
    "variables": "variables",
    "matrix": "matrix",
    "tags": "tags",
    "performance": "performance",
}
"""Keys of a case that are keys of a test, under the same or another name."""
STEPS: Mapping[str, str] = {"setup_steps": "setup", "steps": "steps", "cleanup_steps": "cleanup"}
DEFERRED = frozenset(
    {"skip_auth", "auth_token", "data_source", "stream_input", "allow_any_response", "debug_response", "max_retries"}
)
OF_CALLS = frozenset({"iterations", "concurrency"})
ERRORS = frozenset({"expect_error", "error_expected"})
EXPECTED: Mapping[str, str] = {
    "error_expected": "error",
    "expect_error": "error",
    "error": "error",
    "expected_error_code": "error_code",
    "error_code": "error_code",
}
SCRIPT: Mapping[str, str] = {
    "name": "name",
    "language": "language",
    "engine": "language",
    "timeout_seconds": "timeout_seconds",
    "params": "params",
    "expected_exit_code": "expected_exit_code",
    "min_score": "min_score",
    "env": "env",
    "working_dir": "working_dir",
    "content": "source",
    "required": "required",
}
ENGINES = {"node": "javascript", "js": "javascript", "python3": "python"}
_FILE = re.compile(r"[A-Za-z0-9_./-]{1,200}\.(py|js|mjs|lua)")


@dataclass(frozen=True)
class Case:
    """A translated case. `owner` is a tool or a method; empty for one that consists of steps."""

    section: str
    owner: str
    test: MapNode


def translate_case(node: MapNode, findings: Findings) -> Case:
    """The test that a case means. Keys that nobody knows stay as they are, for the loader to refuse."""
    entries = dict(node.entries)
    tool = entries.pop("tool_name", None) or entries.pop("tool", None)
    owner = text(tool.node) if tool else ""
    section = "methods" if owner in METHODS else "tools" if owner else "flows"
    test = Mapped(node.mark)
    _put_expected(test, entries, section, findings)
    for key, entry in entries.items():
        _put(test, key, entry, findings)
    return Case(section, owner, _with_step_names(test.node()))


def _put(test: Mapped, key: str, entry: Entry, findings: Findings) -> None:
    if key in STEPS:
        test.put(STEPS[key], Entry(entry.key_mark, _steps(entry.node, findings)))
    elif key in OF_CALLS:
        test.mapping("performance", entry.key_mark).put(key, entry)
    elif key in DEFERRED:
        defer_all(entry.node, key, findings)
    else:
        test.put(SAME.get(key, key), entry)


def _put_expected(test: Mapped, entries: dict[str, Entry], section: str, findings: Findings) -> None:
    """`expected`, and what cases say of errors beside it."""
    given = entries.pop("expected", None)
    beside = {
        key: entries.pop(key) for key in (*ERRORS, "expected_error_code", "expected_error_pattern") if key in entries
    }
    if given is None and not beside:
        return
    mark = given.key_mark if given else next(iter(beside.values())).key_mark
    expected = test.mapping("expected", mark)
    if section != "methods":
        expected.say("subject", "content", mark)
    for key, entry in {**(members(given.node) if given else {}), **beside}.items():
        _put_expectation(test, expected, key, entry, findings)


def _put_expectation(test: Mapped, expected: Mapped, key: str, entry: Entry, findings: Findings) -> None:
    if key == "patterns":
        fields: list[Node] = [
            field_of(item, findings) if isinstance(item, MapNode) else item for item in items(entry.node)
        ]
        expected.add("fields", fields, entry.key_mark)
    elif key == "expected_error_pattern":
        field = Mapped(entry.key_mark)
        field.say("path", "$.error.message", entry.key_mark)
        field.put("pattern", entry)
        expected.add("fields", [field.node()], entry.key_mark)
        expected.say("error", True, entry.key_mark)
    elif key == "custom_scripts":
        test.add("scripts", [_script(item) for item in items(entry.node)], entry.key_mark)
    else:
        if key == "expected_error_code":
            expected.say("error", True, entry.key_mark)
        expected.put(EXPECTED.get(key, key), entry)


def _script(node: Node) -> Node:
    script = Mapped(node.mark)
    for key, entry in members(node).items():
        if key == "script":
            script.put("file" if _FILE.fullmatch(text(entry.node)) else "source", entry)
        elif key in ("language", "engine"):
            word = text(entry.node)
            script.say("language", ENGINES.get(word, word), entry.node.mark)
        else:
            script.put(SCRIPT.get(key, key), entry)
    return script.node()


def _steps(node: Node, findings: Findings) -> Node:
    if not isinstance(node, ListNode):
        return node
    return ListNode(node.mark, [_step(item, findings) for item in node.items], node.size)


def _step(node: Node, findings: Findings) -> Node:
    step = Mapped(node.mark)
    entries = dict(members(node))
    tool = entries.pop("tool", None) or entries.pop("tool_name", None)
    if tool is not None:
        step.put("method" if text(tool.node) in METHODS else "tool", tool)
    _put_expected(step, entries, "methods" if tool and text(tool.node) in METHODS else "tools", findings)
    for key, entry in entries.items():
        step.put({"params": "input", "input_params": "input"}.get(key, key), entry)
    return step.node()


def _with_step_names(test: MapNode) -> MapNode:
    """`${login.token}` of a stored result is `${steps.login.token}` in our words."""
    names = {
        text(entry.node)
        for key in ("setup", "steps", "cleanup")
        for step in items(test.entries[key].node if key in test.entries else None)
        if (entry := members(step).get("store_result_as")) is not None
    }
    if not names:
        return test
    pattern = re.compile(r"\$\{\s*(" + "|".join(map(re.escape, sorted(names))) + r")\b")
    renamed = _renamed(test, pattern)
    assert isinstance(renamed, MapNode)
    return renamed


def _renamed(node: Node, pattern: re.Pattern[str]) -> Node:
    match node:
        case Leaf(value=str() as value):
            return Leaf(node.mark, pattern.sub(r"${steps.\1", value), node.size)
        case ListNode(items=listed):
            return ListNode(node.mark, [_renamed(item, pattern) for item in listed], node.size)
        case MapNode(entries=entries):
            written = {key: Entry(entry.key_mark, _renamed(entry.node, pattern)) for key, entry in entries.items()}
            return MapNode(node.mark, written, node.size)
    return node
