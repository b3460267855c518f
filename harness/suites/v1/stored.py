"""`${login.token}` of a result that a step of a v1 case stored → `${steps.login.token}`."""

import re

from harness.suites.tree import Entry, Leaf, ListNode, MapNode, Node
from harness.suites.v1.nodes import text

PHASES = ("setup", "steps", "cleanup")
_PLACE = re.compile(r"\$\{[^{}]*\}")


def with_names_of_steps(test: MapNode) -> MapNode:
    """The test with the names of stored results as they are with us."""
    names = sorted(filter(None, {text(entry.node) for entry in _stored(test)}))
    if not names:
        return test
    renamed = _renamed(test, re.compile(rf"(?<![\w.\"'])({'|'.join(map(re.escape, names))})(?![\w\"'])"))
    assert isinstance(renamed, MapNode)
    return renamed


def _stored(test: MapNode) -> list[Entry]:
    listed = [test.entries[phase].node for phase in PHASES if phase in test.entries]
    steps = [step for node in listed if isinstance(node, ListNode) for step in node.items]
    members = [step.entries for step in steps if isinstance(step, MapNode)]
    return [entries["store_result_as"] for entries in members if "store_result_as" in entries]


def _renamed(node: Node, name: re.Pattern[str]) -> Node:
    match node:
        case Leaf(value=str() as value):
            written = _PLACE.sub(lambda place: name.sub(r"steps.\1", place[0]), value)
            return Leaf(node.mark, written, node.size)
        case ListNode(items=listed):
            return ListNode(node.mark, [_renamed(item, name) for item in listed], node.size)
        case MapNode(entries=entries):
            members = {key: Entry(entry.key_mark, _renamed(entry.node, name)) for key, entry in entries.items()}
            return MapNode(node.mark, members, node.size)
    return node
