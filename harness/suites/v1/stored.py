"""`${login.token}` of a result that a step of a v1 case stored → `${steps.login.token}`."""

import re

from harness.suites.tree import Entry, Leaf, ListNode, MapNode, Node
from harness.suites.v1.nodes import text

PHASES = ("setup", "steps", "cleanup")
_PLACE = re.compile(r"\$\{[^{}]*\}")
_NAME = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w*(?![\w\"'])")


def with_names_of_steps(test: MapNode) -> MapNode:
    """The test with the names of stored results as they are with us."""
    names = frozenset(text(entry.node) for entry in _stored(test)) - {""}
    if not names:
        return test
    renamed = _renamed(test, names)
    assert isinstance(renamed, MapNode)
    return renamed


def _stored(test: MapNode) -> list[Entry]:
    listed = [test.entries[phase].node for phase in PHASES if phase in test.entries]
    steps = [step for node in listed if isinstance(node, ListNode) for step in node.items]
    members = [step.entries for step in steps if isinstance(step, MapNode)]
    return [entries["store_result_as"] for entries in members if "store_result_as" in entries]


def _renamed(node: Node, names: frozenset[str]) -> Node:
    match node:
        case Leaf(value=str() as value):
            return Leaf(node.mark, _PLACE.sub(lambda place: _with_steps(place[0], names), value), node.size)
        case ListNode(items=listed):
            return ListNode(node.mark, [_renamed(item, names) for item in listed], node.size)
        case MapNode(entries=entries):
            members = {key: Entry(entry.key_mark, _renamed(entry.node, names)) for key, entry in entries.items()}
            return MapNode(node.mark, members, node.size)
    return node


def _with_steps(place: str, names: frozenset[str]) -> str:
    return _NAME.sub(lambda name: f"steps.{name[0]}" if name[0] in names else name[0], place)
