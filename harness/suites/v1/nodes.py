"""Small builders over the tree of a file: every new node stands where the one that it comes from stands."""

from collections.abc import Callable, Iterator, Mapping

from pydantic import JsonValue

from harness.suites.findings import Findings
from harness.suites.tree import Entry, Leaf, ListNode, MapNode, Mark, Node, node_of

Put = Callable[[str, Entry], None]


class Mapped:
    """A mapping that is being written, with the places of what it is made of."""

    def __init__(self, mark: Mark) -> None:
        self._mark = mark
        self._entries: dict[str, Entry] = {}

    def put(self, key: str, entry: Entry) -> None:
        """Add a member; one that is there already stays."""
        self._entries.setdefault(key, entry)

    def say(self, key: str, value: JsonValue, mark: Mark) -> None:
        """Add a member that the file says in other words."""
        self.put(key, Entry(mark, node_of(value, mark)))

    def add(self, key: str, items: list[Node], mark: Mark) -> None:
        """Add items to a list, which may be there."""
        if items:
            before = self._entries.get(key)
            listed = before.node.items if before and isinstance(before.node, ListNode) else []
            self._entries[key] = Entry(mark, ListNode(mark, [*listed, *items]))

    def mapping(self, key: str, mark: Mark) -> "Mapped":
        """A mapping below this one, to be written on. What is there already is part of it."""
        inner = Mapped(mark)
        before = self._entries.get(key)
        if before and isinstance(before.node, MapNode):
            inner._entries = before.node.entries
        self._entries[key] = Entry(mark, MapNode(mark, inner._entries))
        return inner

    def node(self) -> MapNode:
        """What was written."""
        return MapNode(self._mark, self._entries)


def members(node: Node) -> Mapping[str, Entry]:
    """The members of a mapping; none of anything else."""
    return node.entries if isinstance(node, MapNode) else {}


def items(node: Node | None) -> Iterator[Node]:
    """The items of a list; none of anything else."""
    yield from node.items if isinstance(node, ListNode) else ()


def text(node: Node | None) -> str:
    """The text of a leaf; empty for anything else."""
    return node.value if isinstance(node, Leaf) and isinstance(node.value, str) else ""


def defer_all(node: Node, path: str, findings: Findings) -> None:
    """Say of every leaf below a mapping that it does not act yet."""
    if not isinstance(node, MapNode) or not node.entries:
        findings.defer(node.mark, path)
        return
    for key, entry in node.entries.items():
        defer_all(entry.node, f"{path}.{key}", findings)
