"""Trees → YAML text that reads back as the same tree: block style, short lists and mappings on one line. Pure.

Keys stand in the order of the models. Remarks are comments before what they are about.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.models.wire import Authored
from harness.suites.shape import model_in, tuple_of
from harness.suites.spellings import SPELLINGS
from harness.suites.tree import Entry, Leaf, ListNode, MapNode, Node, plain
from harness.yaml_values import comment, key, value

MAX_LINE = 100
Remarks = Mapping[int, Sequence[str]]
"""Line of the tree that was read → what to say there."""
_BLOCK = re.compile("[\x21-\x7e\xa1-\u2027\u202a-\ud7ff][\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff]*")
"""Texts that can stand on lines of their own: no other ends of lines than one, nothing that YAML refuses."""


def yaml_lines(root: MapNode, model: type[Authored], remarks: Remarks) -> Iterator[str]:
    """The lines of a file whose first level is `model`."""
    ordered = _ordered(root, model)
    yield from _Writer(_anchored(ordered, remarks)).whole(ordered)


def _ordered(node: Node, annotation: Any) -> Any:
    """The node with keys in the order of the models that they stand in."""
    model, item = model_in(annotation), tuple_of(annotation)
    if isinstance(node, ListNode):
        return ListNode(node.mark, [_ordered(member, item) for member in node.items]) if item is not None else node
    if not isinstance(node, MapNode) or model is None:
        return node
    order = {key: place for place, key in enumerate(model.model_fields)}
    ours = SPELLINGS.get(model, {})
    keys = sorted(node.entries, key=lambda key: order.get(ours.get(key, key), len(order)))
    fields = model.model_fields
    return MapNode(node.mark, {key: _member(node.entries[key], fields.get(ours.get(key, key))) for key in keys})


def _member(entry: Entry, field: Any) -> Entry:
    return entry if field is None else Entry(entry.key_mark, _ordered(entry.node, field.annotation))


def _anchored(root: MapNode, remarks: Remarks) -> Remarks:
    """Each remark by the number of the key before which it is written: the last of those at or before its line."""
    lines = [line for entry in root.entries.values() for line in (entry.key_mark.line, *_lines_of(entry.node))]
    anchored: dict[int, list[str]] = {}
    for line in sorted(remarks):
        before = [(written, number) for number, written in enumerate(lines) if written <= line]
        anchored.setdefault(max(before)[1] if before else 0, []).extend(remarks[line])
    return anchored


def _lines_of(node: Node) -> Iterator[int]:
    """The lines of the keys that are written on lines of their own, in that order."""
    if isinstance(node, MapNode) and not _fits(node):
        for entry in node.entries.values():
            yield entry.key_mark.line
            yield from _lines_of(entry.node)
    elif isinstance(node, ListNode) and not _fits(node):
        for item in node.items:
            yield from _lines_of(item)


def _fits(node: Node) -> bool:
    """Whether a list or mapping is written on one line."""
    if isinstance(node, Leaf):
        return True
    parts = node.items if isinstance(node, ListNode) else [entry.node for entry in node.entries.values()]
    if any(isinstance(part, MapNode | ListNode) and _holds_more(part) for part in parts):
        return False
    if len(parts) > 1 and all(isinstance(part, MapNode) for part in parts):
        return False
    return len(value(plain(node))) <= MAX_LINE and not _has_block(node)


def _holds_more(node: MapNode | ListNode) -> bool:
    parts = node.items if isinstance(node, ListNode) else [entry.node for entry in node.entries.values()]
    return any(isinstance(part, MapNode | ListNode) for part in parts)


def _has_block(node: Node) -> bool:
    if isinstance(node, Leaf):
        return isinstance(node.value, str) and "\n" in node.value
    parts = node.items if isinstance(node, ListNode) else [entry.node for entry in node.entries.values()]
    return any(map(_has_block, parts))


class _Writer:
    """Writes nodes, and before each key that has a line of its own what is to be said there."""

    def __init__(self, remarks: Remarks) -> None:
        self._remarks = remarks
        self._written = 0

    def whole(self, root: MapNode) -> Iterator[str]:
        """The first level has lines of its own, however short it is."""
        yield from self._mapping(root, 0)

    def _mapping(self, node: MapNode, indent: int) -> Iterator[str]:
        for name, entry in node.entries.items():
            for remark in self._remarks.get(self._written, ()):
                yield comment(remark, indent)
            self._written += 1
            yield from self._named(f"{' ' * indent}{key(name)}:", entry.node, indent)

    def _named(self, head: str, node: Node, indent: int) -> Iterator[str]:
        match node:
            case Leaf(value=str() as written) if _is_block(written):
                yield f"{head} {_chomping(written)}"
                yield from _block(written, indent + 2)
            case _ if _fits(node):
                yield f"{head} {value(plain(node))}"
            case MapNode():
                yield head
                yield from self._mapping(node, indent + 2)
            case ListNode(items=items):
                yield head
                for item in items:
                    yield from self._item(item, indent + 2)

    def _item(self, node: Node, indent: int) -> Iterator[str]:
        """`- ` and the first line of what follows it."""
        if isinstance(node, MapNode) and not _fits(node):
            lines = list(self._mapping(node, indent + 2))
            first = next(place for place, line in enumerate(lines) if not line.lstrip().startswith("#"))
            yield from (line[2:] for line in lines[:first])
            yield f"{' ' * indent}- {lines[first].lstrip()}"
            yield from lines[first + 1 :]
        else:
            yield from self._named(f"{' ' * indent}-", node, indent)


def _is_block(written: str) -> bool:
    """Whether a text can stand on lines of its own and read back as it is."""
    lines = written.split("\n")
    return len(lines) > 1 and _BLOCK.fullmatch(written) is not None and all(line.strip() or not line for line in lines)


def _chomping(written: str) -> str:
    return "|" if written.endswith("\n") and not written.endswith("\n\n") else "|+" if written.endswith("\n") else "|-"


def _block(written: str, indent: int) -> Iterator[str]:
    ended = written.removesuffix("\n")
    for line in ended.split("\n"):
        yield f"{' ' * indent}{line}" if line else ""
