"""YAML events → tree, counting as it goes: the limits that are checked while building.

libyaml's *events* are safe at any depth; its loader is not (it recurses). Only what JSON can hold is accepted: no
tags, no merge keys, no dates, text as the only kind of key. Does not decode or word syntax errors (`read.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from yaml import events

from harness.suites.findings import Findings, quoted
from harness.suites.scalars import resolve
from harness.suites.tree import ONE, Entry, Leaf, ListNode, MapNode, Mark, Node, Size

MAX_DEPTH = 64
MAX_NODES = 100_000
MAX_ALIASES = 1_000
MAX_CHARACTERS = 4 * 1024 * 1024
MAX_TEXT_CHARACTERS = 256 * 1024

TOO_DEEP = f"nested more than {MAX_DEPTH} deep"

INCLUDE = "!include"
_TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})
_NOWHERE = Mark(0, 0)


Including = Callable[[str, Mark], Node]
"""Path of a file that is included, and where: its tree. Raises Refused."""


class Refused(Exception):
    """Raised when reading cannot go on."""

    def __init__(self, mark: Mark, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.mark, self.message, self.hint = mark, message, hint


@dataclass(slots=True)
class _Open:
    """A collection that is being read. `key` is None while the next node is a key."""

    node: ListNode | MapNode
    anchor: str | None
    key: str | None = None
    key_mark: Mark = _NOWHERE
    key_is_usable: bool = True


class TreeBuilder:
    """Builds the tree from events, counting as it goes."""

    def __init__(self, findings: Findings, including: Including | None = None, file: str = "") -> None:
        self.findings = findings
        self._file = file
        self._including = including
        self._open: list[_Open] = []
        self._anchors: dict[str, Node | None] = {}  # None: still open
        self._root: Node | None = None
        self._nodes = self._characters = self._aliases = 0
        self.long_quoted_text: tuple[int, int] | None = None
        """First and last line of the latest quoted text over several lines: a suspect when the syntax breaks."""

    def finish(self) -> Node:
        """The root, after the last event."""
        if self._root is None:
            raise Refused(Mark(1, 1), "the file is empty")
        return self._root

    def take(self, event: events.Event) -> None:
        """Add one event; raises Refused at the first limit that is crossed."""
        match event:
            case events.ScalarEvent():
                self._take_scalar(event)
            case events.SequenceStartEvent() | events.MappingStartEvent():
                self._take_start(event)
            case events.SequenceEndEvent() | events.MappingEndEvent():
                self._take_end()
            case events.AliasEvent():
                self._take_alias(event)
            case events.DocumentStartEvent() if self._root is not None:
                raise Refused(self._mark(event), "a second document starts here", "a suite file holds one document")

    def _take_scalar(self, event: events.ScalarEvent) -> None:
        mark, text = self._mark(event), event.value
        if len(text) > MAX_TEXT_CHARACTERS:
            raise Refused(mark, f"a text is longer than {MAX_TEXT_CHARACTERS // 1024} Ki characters")
        if event.tag == INCLUDE:
            self._add(self._included(text, mark), event.anchor, mark)
            return
        is_unquoted = event.implicit[0] and event.tag is None
        if text == "<<" and is_unquoted and self._expects_key():
            raise Refused(mark, "merge keys (<<) are not supported", "write the keys out")
        if event.style in ("'", '"') and _last_line(event) > mark.line:
            self.long_quoted_text = (mark.line, _last_line(event))
        if event.tag is not None and event.tag not in _TEXT_TAGS:
            self._refuse_tag(mark, event.tag)
        value = self._resolve(text, mark) if is_unquoted else text
        self._add(Leaf(mark, value, Size(characters=len(text))), event.anchor, mark)

    def _resolve(self, text: str, mark: Mark) -> str | int | float | bool | None:
        try:
            return resolve(text)
        except ValueError as error:
            self.findings.error(mark, str(error), "put it in quotes if it is text")
            return text

    def _included(self, path: str, mark: Mark) -> Node:
        """The tree of another file. Its size counts like that of everything else."""
        if self._including is None:
            raise Refused(mark, "no file can be included here")
        node = self._including(path, mark)
        if len(self._open) + node.size.depth > MAX_DEPTH:
            raise Refused(mark, f"{TOO_DEEP}, with included files")
        return node

    def _refuse_tag(self, mark: Mark, tag: str) -> None:
        self.findings.error(mark, f"tag {quoted(tag)} is not supported", "remove it; put text in quotes")

    def _take_start(self, event: events.SequenceStartEvent | events.MappingStartEvent) -> None:
        mark = self._mark(event)
        if len(self._open) >= MAX_DEPTH:
            raise Refused(mark, TOO_DEEP)
        if event.tag is not None:
            self._refuse_tag(mark, event.tag)
        self._count(ONE, mark)
        node = ListNode(mark) if isinstance(event, events.SequenceStartEvent) else MapNode(mark)
        if event.anchor:
            self._anchors[event.anchor] = None
        self._open.append(_Open(node, event.anchor))

    def _take_end(self) -> None:
        done = self._open.pop()
        node = done.node
        parts = node.items if isinstance(node, ListNode) else [entry.node for entry in node.entries.values()]
        node.size = Size.around(part.size for part in parts)
        self._place(node, done.anchor)

    def _take_alias(self, event: events.AliasEvent) -> None:
        mark, name = self._mark(event), event.anchor or ""
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise Refused(mark, f"more than {MAX_ALIASES} aliases")
        if name not in self._anchors:
            raise Refused(mark, f"no anchor {quoted('&' + name)} before this alias")
        node = self._anchors[name]
        if node is None:
            raise Refused(mark, f"alias {quoted('*' + name)} stands inside its own anchor")
        if len(self._open) + node.size.depth > MAX_DEPTH:
            raise Refused(mark, f"{TOO_DEEP}, with aliases written out")
        self._add(node, None, mark)

    def _add(self, node: Node, anchor: str | None, mark: Mark) -> None:
        self._count(node.size, mark)
        self._place(node, anchor)

    def _count(self, size: Size, mark: Mark) -> None:
        self._nodes += size.nodes
        self._characters += size.characters
        if self._nodes > MAX_NODES:
            raise Refused(mark, f"more than {MAX_NODES} values, with aliases written out", "split the suite")
        if self._characters > MAX_CHARACTERS:
            raise Refused(mark, f"more than {MAX_CHARACTERS // 1024} Ki characters, with aliases written out")

    def _place(self, node: Node, anchor: str | None) -> None:
        """Put a finished node where it belongs: the root, a list, or a key or value of a mapping."""
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        if isinstance(parent.node, ListNode):
            parent.node.items.append(node)
        elif parent.key is None:
            self._place_key(parent, node)
        else:
            if parent.key_is_usable:
                parent.node.entries[parent.key] = Entry(parent.key_mark, node)
            parent.key = None

    def _place_key(self, parent: _Open, node: Node) -> None:
        assert isinstance(parent.node, MapNode)
        text = node.value if isinstance(node, Leaf) else None
        parent.key = text if isinstance(text, str) else ""
        parent.key_mark, parent.key_is_usable = node.mark, isinstance(text, str)
        if not isinstance(text, str):
            self.findings.error(node.mark, "a key must be text", "put it in quotes")
        elif text in parent.node.entries:
            first = parent.node.entries[text].key_mark
            self.findings.error(node.mark, f"key {quoted(text)} is already given on line {first.line}", "keep one")

    def _mark(self, event: events.Event) -> Mark:
        """Where an event starts."""
        start = event.start_mark
        return Mark(start.line + 1, start.column + 1, self._file) if start else Mark(1, 1, self._file)

    def _expects_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].node, MapNode) and self._open[-1].key is None


def _last_line(event: events.Event) -> int:
    return event.end_mark.line + 1 if event.end_mark else 0
