"""What the commands of a v1 file make in `/tmp` → the sandbox of the suite, wherever the file names it.

In that format a file had a machine to itself. Here many suites run at once, and each runs the commands of its file: in
the one `/tmp` they would take away each other's files.
"""

import re
from collections.abc import Iterator

from harness.suites.tree import Entry, Leaf, ListNode, MapNode, Node, node_of
from harness.suites.v1.commands import COMMANDS
from harness.suites.v1.nodes import text
from harness.suites.v1.notes import Notes

IN_TEXTS, IN_COMMANDS = "${sandbox}/tmp/", "$HOME/tmp/"
FIRST_COMMAND = 'mkdir -p "$HOME/tmp"'
MAX_NAMES = 100
LITERAL = frozenset({"source", "description", "name", *COMMANDS})
_NAMED = re.compile(r"(?<![\w$}.-])/tmp/([A-Za-z0-9_][\w.-]*)")
READING = f"as commands make it is read as {IN_TEXTS}: a folder of the suite alone"


def with_private_tmp(suite: MapNode, notes: Notes) -> MapNode:
    """The suite with everything that its commands name below `/tmp` in its own sandbox."""
    names = {name for leaf in _commands(suite) for name in _NAMED.findall(text(leaf))}
    if not names or len(names) > MAX_NAMES:
        return suite
    first = next(leaf for leaf in _commands(suite) if _NAMED.search(text(leaf)))
    notes.reading(first.mark, "/tmp", READING)
    named = re.compile(rf"(?<![\w$}}.-])/tmp/(?=(?:{'|'.join(map(re.escape, sorted(names)))})(?![\w-]))")
    entries = {key: Entry(entry.key_mark, _moved(key, entry.node, named)) for key, entry in suite.entries.items()}
    _make_folder_first(entries, first)
    return MapNode(suite.mark, entries)


def _commands(suite: MapNode) -> Iterator[Leaf]:
    for key in COMMANDS:
        node = suite.entries[key].node if key in suite.entries else None
        yield from (item for item in (node.items if isinstance(node, ListNode) else ()) if isinstance(item, Leaf))


def _moved(key: str, node: Node, named: re.Pattern[str]) -> Node:
    if key in COMMANDS:
        return _replaced(node, named, IN_COMMANDS)
    return node if key in LITERAL else _replaced(node, named, IN_TEXTS)


def _replaced(node: Node, named: re.Pattern[str], by: str) -> Node:
    match node:
        case Leaf(value=str() as value):
            return Leaf(node.mark, named.sub(lambda _: by, value), node.size)
        case ListNode(items=listed):
            return ListNode(node.mark, [_replaced(item, named, by) for item in listed], node.size)
        case MapNode(entries=entries):
            members = {
                key: Entry(entry.key_mark, entry.node if key in LITERAL else _replaced(entry.node, named, by))
                for key, entry in entries.items()
            }
            return MapNode(node.mark, members, node.size)
    return node


def _make_folder_first(entries: dict[str, Entry], first: Leaf) -> None:
    key, command = COMMANDS[0], node_of(FIRST_COMMAND, first.mark)
    before = entries.get(key)
    listed = before.node.items if before and isinstance(before.node, ListNode) else []
    place = before.key_mark if before else first.mark
    entries[key] = Entry(place, ListNode(first.mark, [command, *listed]))
