"""Small builders over the tree of a file: every new node stands where the one that it comes from stands."""

from collections.abc import Iterable

from pydantic import JsonValue

from harness.suites.tree import Entry, Leaf, ListNode, MapNode, Mark, Node, kind_of, node_of, plain
from harness.suites.v1.notes import Notes


class Mapped:
    """A mapping that is being written, with the places of what it is made of."""

    def __init__(self, mark: Mark, entries: dict[str, Entry] | None = None) -> None:
        self._mark = mark
        self._entries = {} if entries is None else entries

    def put(self, path: str, entry: Entry, notes: Notes) -> None:
        """Add a member at a dotted path. Saying it a second time is wrong."""
        *above, key = path.split(".")
        inner = self
        for name in above:
            inner = inner.mapping(name, entry.key_mark)
        if key in inner._entries:
            first = inner._entries[key].key_mark
            notes.wrong(entry.key_mark, path, f"is said twice, here and on line {first.line}: keep one")
            return
        inner._entries[key] = entry

    def default(self, key: str, entry: Entry) -> None:
        """Add a member, unless it is there; members of two mappings are put together, those that are there first."""
        before = self._entries.get(key)
        if before is None:
            self._entries[key] = entry
        elif isinstance(before.node, MapNode) and isinstance(entry.node, MapNode):
            inner = self.mapping(key, before.key_mark)
            for name, member in entry.node.entries.items():
                inner.default(name, member)

    def say(self, key: str, value: JsonValue, mark: Mark) -> None:
        """Add a member that the file says in other words, unless it is there."""
        self._entries.setdefault(key, Entry(mark, node_of(value, mark)))

    def add(self, key: str, items: Iterable[Node], mark: Mark) -> None:
        """Add items to a list, which may be there."""
        before = self._entries.get(key)
        listed = before.node.items if before and isinstance(before.node, ListNode) else []
        if added := [*listed, *items]:
            self._entries[key] = Entry(before.key_mark if before else mark, ListNode(mark, added))

    def prepend(self, key: str, items: Iterable[Node], mark: Mark) -> None:
        """Add items before those of a list, which may be there."""
        before = self._entries.get(key)
        listed = before.node.items if before and isinstance(before.node, ListNode) else []
        self._entries[key] = Entry(before.key_mark if before else mark, ListNode(mark, [*items, *listed]))

    def replace(self, key: str, entry: Entry) -> None:
        """Add a member in the place of one that may be there."""
        self._entries[key] = entry

    def mapping(self, key: str, mark: Mark) -> "Mapped":
        """A mapping below this one, to be written on. What is there already is part of it."""
        before = self._entries.get(key)
        entries = dict(before.node.entries) if before and isinstance(before.node, MapNode) else {}
        place = before.key_mark if before else mark
        self._entries[key] = Entry(place, MapNode(place, entries))
        return Mapped(place, entries)

    def has(self, key: str) -> bool:
        """Whether there is such a member."""
        return key in self._entries

    def entry(self, key: str) -> Entry | None:
        """A member; None without it."""
        return self._entries.get(key)

    def remove(self, key: str) -> None:
        """Take a member away, if it is there."""
        self._entries.pop(key, None)

    def value(self, key: str) -> Node | None:
        """What a member holds; None without it."""
        return self._entries[key].node if key in self._entries else None

    def node(self) -> MapNode:
        """What was written."""
        return MapNode(self._mark, self._entries)


def mapping_at(entry: Entry, key: str, notes: Notes) -> MapNode:
    """The mapping that a key holds; an empty one, with a word, where it holds something else."""
    if isinstance(entry.node, MapNode):
        return entry.node
    notes.wrong(entry.node.mark, key, f"must be a mapping, not {kind_of(plain(entry.node))}")
    return MapNode(entry.node.mark)


def items_at(entry: Entry, key: str, notes: Notes) -> list[Node]:
    """The items of the list that a key holds; none, with a word, where it holds something else."""
    if isinstance(entry.node, ListNode):
        return entry.node.items
    notes.wrong(entry.node.mark, key, f"must be a list, not {kind_of(plain(entry.node))}")
    return []


def mappings_at(entry: Entry, key: str, notes: Notes) -> list[MapNode]:
    """The same for a list of mappings."""
    listed = []
    for number, item in enumerate(items_at(entry, key, notes), 1):
        if isinstance(item, MapNode):
            listed.append(item)
        else:
            notes.wrong(item.mark, key, f"must hold mappings; item {number} is {kind_of(plain(item))}")
    return listed


def text(node: Node | None) -> str:
    """The text of a leaf; empty for anything else."""
    return node.value if isinstance(node, Leaf) and isinstance(node.value, str) else ""


def said_of(node: Node) -> JsonValue:
    """The value of a leaf; None for a list or a mapping."""
    return node.value if isinstance(node, Leaf) else None
