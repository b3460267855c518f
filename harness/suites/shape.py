"""Which keys stand where: tree → the plain values of a Suite, and the place of each of them.

Walks the tree along the models: unknown keys, other spellings, keys that do not act yet, and null for a key that may
be left out. Whether a *value* is right is pydantic's business (`sentences.py` words it), not this module's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import JsonValue

from harness.models.expected import (
    NULL_COUNTS,
    Expected,
    ExpectedError,
    FieldExpectation,
    Redaction,
    ResponseLimits,
    SecurityConstraint,
)
from harness.models.suite import Step, Suite, TestCase
from harness.models.wire import Authored
from harness.suites.deferred import DEFERRED, Below
from harness.suites.findings import Findings, quoted
from harness.suites.refused import REFUSED
from harness.suites.spellings import OF_MAPPINGS, QUIET, SPELLINGS
from harness.suites.tree import Entry, Leaf, ListNode, MapNode, Mark, Node, plain

_WITHIN_EXPECTED = (ResponseLimits, ExpectedError, SecurityConstraint, Redaction)
CHECKS: Mapping[type[Authored], frozenset[str]] = {
    TestCase: frozenset({"expected"}),
    Step: frozenset({"expected"}),
    Expected: frozenset(Expected.model_fields),
    FieldExpectation: frozenset(FieldExpectation.model_fields) - NULL_COUNTS,  # null is a value there
    **{
        model: frozenset(model.model_fields) for model in (ResponseLimits, ExpectedError, SecurityConstraint, Redaction)
    },
}
"""The keys that say what must hold, and cannot hold null."""

Path = tuple[str | int, ...]


class Spot(NamedTuple):
    """Where a value stands, and where its key does (for an item of a list: the item)."""

    key: Mark
    value: Mark


@dataclass(frozen=True)
class Shape:
    """Plain values ready for validation, and the places of all that the models know."""

    values: JsonValue
    spots: dict[Path, Spot] = field(repr=False)
    whole: str = "the suite"
    """What all of it is called in a sentence."""

    def spot_of(self, path: Path) -> Spot:
        """The place of `path`, or of its nearest known ancestor."""
        while path not in self.spots:
            path = path[:-1]
        return self.spots[path]


def shape_suite(root: Node, findings: Findings, *, lenient: bool) -> Shape:
    """Shape a whole file. Problems go to `findings`; with `lenient`, unknown keys are warnings."""
    return shape_file(root, Suite, findings, lenient=lenient)


def shape_file(
    root: Node, model: type[Authored], findings: Findings, *, lenient: bool, whole: str = "the suite"
) -> Shape:
    """Shape a whole file of another kind: `model` at its first level, called `whole` where something is missing."""
    walk = _Walk(findings, lenient)
    values = walk.value(root, model, (), root.mark)
    return Shape(values, walk.spots, whole)


def shape_section(entry: Entry, model: type[Authored], findings: Findings) -> Shape:
    """Shape a section of some other file as `model`; paths count from the section. Problems go to `findings`."""
    walk = _Walk(findings, lenient=False)
    values = walk.value(entry.node, model, (), entry.key_mark)
    return Shape(values, walk.spots)


class _Walk:
    def __init__(self, findings: Findings, lenient: bool) -> None:
        self._findings = findings
        self._report_unknown = findings.warn if lenient else findings.error
        self.spots: dict[Path, Spot] = {}

    def value(self, node: Node, annotation: Any, path: Path, key_mark: Mark) -> JsonValue:
        self.spots[path] = Spot(key_mark, node.mark)
        model = model_in(annotation)
        if isinstance(node, MapNode) and model is not None:
            return self._model(node, model, path)
        kind = tuple_of(annotation)
        if isinstance(node, ListNode) and kind is not None:
            return [self.value(item, kind, (*path, place), item.mark) for place, item in enumerate(node.items)]
        if isinstance(node, MapNode) and annotation == dict[str, str]:
            return {
                key: self.value(entry.node, str, (*path, key), entry.key_mark) for key, entry in node.entries.items()
            }
        return plain(node)

    def _model(self, node: MapNode, model: type[Authored], path: Path) -> JsonValue:
        values: dict[str, JsonValue] = {}
        written: dict[str, str] = {}
        for key, entry in node.entries.items():
            name = self._known_name(key, entry, model, path)
            if name is None or (_is_null(entry.node) and self._takes_null_as_absent(key, entry, model, name)):
                continue
            if name in written:
                message = f"{quoted(key)} and {quoted(written[name])} mean the same"
                self._findings.error(entry.key_mark, message, f"keep {quoted(name)}")
                continue
            written[name] = key
            values[name] = self.value(entry.node, model.model_fields[name].annotation, (*path, name), entry.key_mark)
        return values

    def _known_name(self, key: str, entry: Entry, model: type[Authored], path: Path) -> str | None:
        """The field that `key` names; None when it is reported instead."""
        as_mapping = OF_MAPPINGS.get(model, {}).get(key) if isinstance(entry.node, MapNode) else None
        if key in model.model_fields and as_mapping is None:
            return key
        if (ours := as_mapping or SPELLINGS.get(model, {}).get(key)) is not None:
            if key not in QUIET:
                self._findings.warn(entry.key_mark, f"{quoted(key)} is read as {quoted(ours)}")
            return ours
        deferred = DEFERRED.get(model, {})
        if (why := REFUSED.get(model, {}).get(key)) is not None:
            self._findings.error(entry.key_mark, f"{quoted(key)} is refused: {why}")
        elif key in deferred:
            self._defer(key, entry, deferred[key], (*path, key))
        else:
            self._unknown(key, entry.key_mark, known_keys(model))
        return None

    def _takes_null_as_absent(self, key: str, entry: Entry, model: type[Authored], name: str) -> bool:
        """Null means that a key is not given; but a check that somebody began to write must not vanish."""
        if name in CHECKS.get(model, ()):
            self._findings.error(entry.key_mark, f"{quoted(key)} has no value", "give one, or remove the key")
            return True
        return may_be_null(model, name)

    def _defer(self, key: str, entry: Entry, below: Below, path: Path) -> None:
        if below is None or not isinstance(entry.node, MapNode):
            self._findings.defer(entry.key_mark, _short_name(path))
            return
        for name, child in entry.node.entries.items():
            if name in below:
                self._defer(name, child, below[name], (*path, name))
            else:
                self._unknown(name, child.key_mark, tuple(below))

    def _unknown(self, key: str, mark: Mark, known: tuple[str, ...]) -> None:
        self._report_unknown(mark, f"unknown key {quoted(key)}", self._findings.did_you_mean(key, known))


@lru_cache
def known_keys(model: type[Authored]) -> tuple[str, ...]:
    """Every key that may stand in a mapping of `model`: fields, other spellings, keys that do not act yet."""
    return (*model.model_fields, *SPELLINGS.get(model, {}), *DEFERRED.get(model, {}))


def may_be_null(model: type[Authored], name: str) -> bool:
    """True when null for this key means that it is not given; false where null is an error, or a value like others."""
    field_of = model.model_fields[name]
    return not (field_of.is_required() or field_of.annotation == JsonValue or name in CHECKS.get(model, ()))


def _is_null(node: Node) -> bool:
    return isinstance(node, Leaf) and node.value is None


def tuple_of(annotation: Any) -> Any:
    """What the items of a list are; None when no list stands here."""
    return get_args(annotation)[0] if get_origin(annotation) is tuple else None


def model_in(annotation: Any) -> type[Authored] | None:
    """The model that may stand here, alone or as `Model | None`."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, Authored):
            return kind
    return None


def _short_name(path: Path) -> str:
    """The part of a path that an author needs beside a line number: `performance.max_duration_ms`."""
    names: list[str] = []
    for part in path:
        names = [*names, part] if isinstance(part, str) else []
    return ".".join(names)
