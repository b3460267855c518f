"""Where keys stand in the example files, and how they are written there. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import JsonValue

from harness.models.suite import Suite
from harness.models.target import Target
from harness.models.wire import Authored
from harness.suites.read import read_yaml
from harness.suites.shape import model_in, tuple_of
from harness.suites.spellings import OF_MAPPINGS, SPELLINGS
from harness.suites.tree import Entry, ListNode, MapNode, Mark, Node, plain

TARGETS = "targets/"
"""Examples below such a folder are targets; others are suites."""
INCLUDED = MapNode(Mark(1, 1))
"""What stands for a file that an example includes: a key before it is shown where it is written out."""


class Key(NamedTuple):
    """A key of the format: the model that declares it, and its name there."""

    model: str
    name: str


class Occurrence(NamedTuple):
    """One key in one example: as it is written there, with its value."""

    file: str
    line: int
    written: str
    value: JsonValue


def key_of(model: type[Authored], name: str) -> Key:
    """The key of a field; one that a model takes over from another is a key of the other."""
    owner = next(base for base in reversed(model.__mro__) if name in getattr(base, "model_fields", {}))
    return Key(owner.__name__, name)


def occurrences(examples: Mapping[str, str]) -> dict[Key, list[Occurrence]]:
    """Every key of the examples (path → text) with each place where it stands, in the order of `examples`."""
    found: dict[Key, list[Occurrence]] = {}
    for file, text in examples.items():
        model = Target if TARGETS in file else Suite
        for key, written, entry in _keys_in(read_yaml(text.encode(), file, _left_out), model):
            there = Occurrence(file, entry.key_mark.line, written, plain(entry.node))
            found.setdefault(key, []).append(there)
    return found


def _left_out(_: str, __: Mark) -> Node:
    return INCLUDED


def _keys_in(node: Node, annotation: Any) -> Iterator[tuple[Key, str, Entry]]:
    model, item = model_in(annotation), tuple_of(annotation)
    if isinstance(node, ListNode) and item is not None:
        for member in node.items:
            yield from _keys_in(member, item)
    if isinstance(node, MapNode) and model is not None:
        for written, entry in node.entries.items():
            name = _name_of(written, entry.node, model)
            if name in model.model_fields and entry.node is not INCLUDED:
                yield key_of(model, name), written, entry
                yield from _keys_in(entry.node, model.model_fields[name].annotation)


def _name_of(written: str, node: Node, model: type[Authored]) -> str:
    """The field that a key means: it may be another spelling."""
    of_mapping = OF_MAPPINGS.get(model, {}) if isinstance(node, MapNode) else {}
    return {**SPELLINGS.get(model, {}), **of_mapping}.get(written, written)
