"""`schema_file` of expectations: the file's content in the place of its name. Trees in, tree out."""

from harness.suites.library import Library
from harness.suites.tree import Entry, Leaf, ListNode, MapNode, Node

FILE, INLINE = "schema_file", "schema"
EXPECTED, INPUT = "expected", "input"


def with_schemas(node: Node, library: Library) -> Node:
    """`node` with every schema that an expectation names. Raises Refused where a file cannot be had."""
    match node:
        case ListNode(items=items):
            return ListNode(node.mark, [with_schemas(item, library) for item in items], node.size)
        case MapNode(entries=entries):
            return MapNode(node.mark, {key: _member(key, entry, library) for key, entry in entries.items()}, node.size)
    return node


def _member(key: str, entry: Entry, library: Library) -> Entry:
    if key == INPUT:
        return entry
    if key == EXPECTED and isinstance(entry.node, MapNode):
        return Entry(entry.key_mark, _expected(entry.node, library))
    return Entry(entry.key_mark, with_schemas(entry.node, library))


def _expected(node: MapNode, library: Library) -> Node:
    entry = node.entries.get(FILE)
    if entry is None or INLINE in node.entries or not isinstance(entry.node, Leaf):
        return node
    if not isinstance(entry.node.value, str):
        return node
    schema = Entry(entry.key_mark, library.json(entry.node.value, entry.node.mark))
    entries = {INLINE if key == FILE else key: schema if key == FILE else other for key, other in node.entries.items()}
    return MapNode(node.mark, entries, node.size)
