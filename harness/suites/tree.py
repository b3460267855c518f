"""The tree of a suite file: JSON values, and for each of them the place where it stands.

Owns the node types and their way to plain values. Does not read text (`read.py`) and knows no key of the format.
Nodes may be shared: an alias stands for the node of its anchor.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import JsonValue

_KINDS = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a mapping"}


class Mark(NamedTuple):
    """A place in a file. Both count from 1; columns are characters. `file` is empty in the suite file itself."""

    line: int
    column: int
    file: str = ""


class Size(NamedTuple):
    """How much a node holds once every alias below it is written out."""

    nodes: int = 1
    characters: int = 0
    depth: int = 1

    @staticmethod
    def around(parts: Iterable["Size"]) -> "Size":
        """The size of a collection that holds `parts`."""
        nodes, characters, depth = 1, 0, 0
        for part in parts:
            nodes += part.nodes
            characters += part.characters
            depth = max(depth, part.depth)
        return Size(nodes, characters, depth + 1)


ONE = Size()


@dataclass(slots=True)
class Leaf:
    """A text, number, boolean or null."""

    mark: Mark
    value: str | int | float | bool | None
    size: Size


@dataclass(slots=True)
class ListNode:
    """A list."""

    mark: Mark
    items: list["Node"] = field(default_factory=list)
    size: Size = ONE


@dataclass(slots=True)
class Entry:
    """A key's place, and its value."""

    key_mark: Mark
    node: "Node"


@dataclass(slots=True)
class MapNode:
    """A mapping; every key is text, and there once."""

    mark: Mark
    entries: dict[str, Entry] = field(default_factory=dict)
    size: Size = ONE


Node = Leaf | ListNode | MapNode


def plain(node: Node) -> JsonValue:
    """The value without its places. Recursive: the reader bounds the depth."""
    match node:
        case Leaf(value=value):
            return value
        case ListNode(items=items):
            return [plain(item) for item in items]
        case MapNode(entries=entries):
            return {key: plain(entry.node) for key, entry in entries.items()}


def node_of(value: JsonValue, mark: Mark) -> Node:
    """A value that no file holds, as nodes that all stand at `mark`. Recursive: its maker bounds the depth."""
    match value:
        case list():
            return ListNode(mark, [node_of(item, mark) for item in value])
        case dict():
            return MapNode(mark, {key: Entry(mark, node_of(member, mark)) for key, member in value.items()})
        case _:
            return Leaf(mark, value, ONE)


def kind_of(value: object) -> str:
    """What a JSON value is, in an author's words: `a number`, `text`, `null`."""
    return "null" if value is None else _KINDS.get(type(value), "something else")
