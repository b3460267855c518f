"""`extends`: a suite that is another one but for what it says itself. Trees in, tree out.

Mappings are merged key by key; everything else that both give is the suite's own. With `_merge_mode: append` at its
first level, lists that both give are joined, the base first.
"""

from harness.suites.build import Refused
from harness.suites.library import Library
from harness.suites.tree import Entry, Leaf, ListNode, MapNode, Node

EXTENDS, MERGE_MODE = "extends", "_merge_mode"
MODES = ("replace", "append")


def extend(root: Node, library: Library | None) -> Node:
    """`root` with all that the files it extends give beside it. Raises Refused, and SuiteErrors for what is in them."""
    if not isinstance(root, MapNode):
        return root
    appends = _takes_mode(root)
    entry = root.entries.pop(EXTENDS, None)
    if entry is None:
        return root
    if not isinstance(entry.node, Leaf) or not isinstance(entry.node.value, str):
        raise Refused(entry.node.mark, "'extends' must be the path of a suite")
    if library is None:
        raise Refused(entry.node.mark, "no file can be included here")
    with library.opened(entry.node.value, entry.node.mark) as base:
        return _merged(extend(base, library), root, appends)


def _takes_mode(root: MapNode) -> bool:
    entry = root.entries.pop(MERGE_MODE, None)
    if entry is None:
        return False
    mode = entry.node.value if isinstance(entry.node, Leaf) else None
    if mode not in MODES:
        raise Refused(entry.node.mark, f"'{MERGE_MODE}' must be {' or '.join(MODES)}")
    return mode == "append"


def _merged(base: Node, own: Node, appends: bool) -> Node:
    if isinstance(base, MapNode) and isinstance(own, MapNode):
        entries = dict(base.entries)
        for key, entry in own.entries.items():
            under = entries.get(key)
            node = entry.node if under is None else _merged(under.node, entry.node, appends)
            entries[key] = Entry(entry.key_mark, node)
        return MapNode(own.mark, entries, own.size)
    if appends and isinstance(base, ListNode) and isinstance(own, ListNode):
        return ListNode(own.mark, [*base.items, *own.items], own.size)
    return own
