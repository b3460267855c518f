"""The check `allow_extra_fields: false`: objects that the paths go through have no key that no path names.

What MCP itself puts around a result is no concern of the author: the first level of a result, and the blocks of its
`content`, `contents` or `messages`. A path that ends at an object says nothing about the keys below it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jsonpath.segments import JSONPathRecursiveDescentSegment, JSONPathSegment
from jsonpath.selectors import NameSelector

from harness.checks.case import Case, Found
from harness.checks.lookup import look_up
from harness.checks.paths import Path, Place, compile_path
from harness.checks.show import Mismatch, show, type_name
from harness.models.expected import Subject

ENVELOPES = frozenset({"content", "contents", "messages", "error"})


@dataclass
class _Named:
    """An object that paths go through, and the keys that they name in it. `all_keys`: a path means all of them."""

    place: Place
    path: Path
    keys: set[str] = field(default_factory=set)
    all_keys: bool = False


def has_no_extra_fields(case: Case) -> Iterator[Found]:
    """Each key that is too much is a failure of its own, at its place."""
    if case.expected.allow_extra_fields and not case.expected.strict_mode:
        return
    for named in _named_objects(case).values():
        yield from _extra(named, case)


def _extra(named: _Named, case: Case) -> Iterator[Found]:
    value = named.place.value
    case.budget.spend(len(value))
    if named.all_keys:
        return
    for key, member in value.items():
        if key not in named.keys:
            where = named.path.written(Place((named.place.steps, key), member))
            words = "no key that no path names"
            yield Found(Mismatch(words, f"{show(key, 60)}: {show(member, 200)}"), where, type_name(member))


def _named_objects(case: Case) -> dict[int, _Named]:
    """By identity: a document is a tree, and stays alive meanwhile."""
    named: dict[int, _Named] = {}
    for entry in case.expected.fields:
        try:
            path = compile_path(entry.path)
        except ValueError:  # `fields.py` says so
            continue
        document = look_up(path, case).document
        for segment, places in path.walk(document, case.budget):
            for place in places:
                if isinstance(place.value, dict) and not _is_envelope(place, document, case):
                    _note(named.setdefault(id(place.value), _Named(place, path)), segment)
            if isinstance(segment, JSONPathRecursiveDescentSegment):
                break  # what lies below is meant, all of it
    return named


def _note(named: _Named, segment: JSONPathSegment) -> None:
    is_deep = isinstance(segment, JSONPathRecursiveDescentSegment)
    for selector in segment.selectors:
        if isinstance(selector, NameSelector) and not is_deep:
            named.keys.add(selector.name)
        else:
            named.all_keys = True


def _is_envelope(place: Place, document: Any, case: Case) -> bool:
    if case.expected.subject is Subject.CONTENT or document is not case.documents[0]:
        return False
    return not place.steps or place.keys[0] in ENVELOPES
