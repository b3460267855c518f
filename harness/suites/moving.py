"""Keys that documents name in another mapping of a test than ours: moved to where they act, with a word. Pure.

Owns where they go. Which key of one mapping is another spelling of a key of the same one: `spellings.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.suites.findings import Findings, quoted
from harness.suites.tree import Entry, Leaf, ListNode, MapNode, Node, node_of

SECTIONS = ("tools", "resources", "prompts", "methods")
TESTS, FLOWS = ("tests", "test_cases"), "flows"


@dataclass(frozen=True)
class Move:
    """Where a key goes: a key of the test, or one of a mapping in it. `also`: keys that get the same value."""

    to: tuple[str, ...]
    also: tuple[tuple[str, ...], ...] = ()
    convert: Callable[[float], float] | None = None

    @property
    def shown(self) -> str:
        """As an author writes it."""
        return ".".join(self.to)


def _seconds(milliseconds: float) -> float:
    return milliseconds / 1000


MOVES: Mapping[tuple[str, str], Move] = {
    ("expected", "max_execution_time_ms"): Move(("performance", "max_duration_ms")),
    ("expected", "memory_limit_mb"): Move(("performance", "max_memory_mb")),
    ("test_config", "timeout_override_ms"): Move(("timeout_seconds",), convert=_seconds),
    ("test_config", "concurrent_requests"): Move(("performance", "concurrency"), also=(("performance", "iterations"),)),
}
"""(mapping of a test, key in it) → where it acts."""


def move_keys(root: Node, findings: Findings) -> Node:
    """The suite with such keys of its tests where they act."""
    if not isinstance(root, MapNode):
        return root
    entries = dict(root.entries)
    for section in SECTIONS:
        if section in entries:
            entries[section] = _with_items(entries[section], lambda owner: _owner(owner, findings))
    if FLOWS in entries:
        entries[FLOWS] = _with_items(entries[FLOWS], lambda test: _test(test, findings))
    return MapNode(root.mark, entries, root.size)


def _with_items(entry: Entry, change: Callable[[MapNode], MapNode]) -> Entry:
    if not isinstance(entry.node, ListNode):
        return entry
    items = [change(item) if isinstance(item, MapNode) else item for item in entry.node.items]
    return Entry(entry.key_mark, ListNode(entry.node.mark, items, entry.node.size))


def _owner(node: MapNode, findings: Findings) -> MapNode:
    entries = {
        key: _with_items(entry, lambda test: _test(test, findings)) if key in TESTS else entry
        for key, entry in node.entries.items()
    }
    return MapNode(node.mark, entries, node.size)


def _test(node: MapNode, findings: Findings) -> MapNode:
    entries = dict(node.entries)
    for (place, key), move in MOVES.items():
        holder = entries.get(place)
        if holder is None or not isinstance(holder.node, MapNode) or not _can_move(holder.node.entries.get(key)):
            continue
        left = {name: entry for name, entry in holder.node.entries.items() if name != key}
        moved = holder.node.entries[key]
        entries[place] = Entry(holder.key_mark, MapNode(holder.node.mark, left, holder.node.size))
        if not left:
            del entries[place]
        _put(entries, move, moved, key, findings)
    return MapNode(node.mark, entries, node.size)


def _can_move(entry: Entry | None) -> bool:
    """Numbers, and places that become one; what is wrong stays where the author wrote it."""
    return entry is not None and isinstance(entry.node, Leaf) and not isinstance(entry.node.value, bool | None)


def _put(entries: dict[str, Entry], move: Move, moved: Entry, key: str, findings: Findings) -> None:
    findings.warn(moved.key_mark, f"{quoted(key)} is read as {quoted(move.shown)}")
    if _has(entries, move.to):
        findings.error(moved.key_mark, f"{quoted(key)} and {quoted(move.shown)} mean the same", f"keep {move.shown}")
        return
    _write(entries, move.to, Entry(moved.key_mark, _converted(moved.node, move)))
    for path in move.also:
        if not _has(entries, path):
            _write(entries, path, moved)


def _has(entries: Mapping[str, Entry], path: tuple[str, ...]) -> bool:
    if len(path) == 1:
        return path[0] in entries
    holder = entries.get(path[0])
    return holder is not None and isinstance(holder.node, MapNode) and path[1] in holder.node.entries


def _write(entries: dict[str, Entry], path: tuple[str, ...], entry: Entry) -> None:
    if len(path) == 1:
        entries[path[0]] = entry
        return
    holder = entries.get(path[0])
    before = holder.node.entries if holder and isinstance(holder.node, MapNode) else {}
    mark = holder.key_mark if holder else entry.key_mark
    entries[path[0]] = Entry(mark, MapNode(mark, {**before, path[1]: entry}))


def _converted(node: Node, move: Move) -> Node:
    value = node.value if isinstance(node, Leaf) else None
    if move.convert is None or not isinstance(value, int | float):
        return node
    return node_of(move.convert(value), node.mark)
