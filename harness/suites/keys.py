"""Every key of the formats and its state: it acts, it does not act yet, or it is refused. What `keys` lists.

Derived from what decides it when a suite is loaded: the models, `spellings.py`, `deferred.py`, `refused.py`, and the
tables of `v1/`. The tests that prove acting keys stand in `key_proofs.json`; a test compares all of it with the table
of keys in the tests.
"""

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from harness.models.expected import Expected
from harness.models.suite import Step, Suite, TestCase
from harness.models.target import Target
from harness.models.wire import Authored, Wire
from harness.suites.deferred import DEFERRED, Below
from harness.suites.extending import MERGE_MODE
from harness.suites.key_states import KeyState, State
from harness.suites.moving import MOVES
from harness.suites.refused import REFUSED
from harness.suites.shape import model_in, tuple_of
from harness.suites.spellings import SPELLINGS
from harness.suites.v1.keys import v1_keys

PROOFS = Path(__file__).with_name("key_proofs.json")
PREFERRED: Mapping[type[Authored], str] = {TestCase: "tools[].tests[]", Step: "tools[].tests[].steps[]"}
"""Where a model is listed that stands in several places; others where they stand first."""
UNCOMPARED = frozenset({"capabilities.sampling", "capabilities.experimental"})
"""Fields that are read, and compared with nothing: `rules.py` says so."""


class Format(StrEnum):
    """What a key belongs to."""

    SPEC = "spec"  # suites
    TARGET = "target"  # files of targets/
    V1 = "v1"


class Key(Wire):
    """One key. `said`: what it is with us, or why it is refused. `proof`: of an acting one, the test that proves it."""

    format: Format
    name: str
    state: KeyState
    said: str = ""
    proof: str = ""


def keys_of(of: Format) -> tuple[Key, ...]:
    """All keys of a format, in the order of its models and tables."""
    proofs = _proofs().get(of, {})
    states = {Format.SPEC: _of_suites, Format.TARGET: _of_targets, Format.V1: v1_keys}[of]()
    return tuple(
        Key(format=of, name=name, state=state.state, said=state.said, proof=proofs.get(name, ""))
        for name, state in states
    )


@lru_cache(maxsize=1)
def _proofs() -> Mapping[str, Mapping[str, str]]:
    proofs: Mapping[str, Mapping[str, str]] = json.loads(PROOFS.read_text(encoding="utf-8"))
    return proofs


def _of_suites() -> Iterator[tuple[str, State]]:
    yield from _keys_below(Suite)
    yield MERGE_MODE, State(KeyState.ACTS, "how lists of a suite and of what it extends are put together")


def _of_targets() -> Iterator[tuple[str, State]]:
    return _keys_below(Target)


def _keys_below(root: type[Authored]) -> Iterator[tuple[str, State]]:
    for model, place in places_of(root).items():
        for key, state in _keys_in(model):
            name = f"{place}.{key}" if place else key
            yield name, State(KeyState.DEFERRED) if name in UNCOMPARED else state


def places_of(root: type[Authored]) -> Mapping[type[Authored], str]:
    """Each model and where it stands first, level by level."""
    places: dict[type[Authored], str] = {}
    level: list[tuple[type[Authored], str]] = [(root, "")]
    while level:
        below: list[tuple[type[Authored], str]] = []
        for model, place in level:
            if model not in places:
                places[model] = PREFERRED.get(model, place)
                below += _models_in(model, places[model])
        level = below
    return places


def _models_in(model: type[Authored], place: str) -> Iterator[tuple[type[Authored], str]]:
    for key, field in model.model_fields.items():
        item = tuple_of(field.annotation)
        inner = model_in(field.annotation if item is None else item)
        if inner is not None:
            yield inner, f"{place}.{key}{'' if item is None else '[]'}".lstrip(".")


def _keys_in(model: type[Authored]) -> Iterator[tuple[str, State]]:
    for key in model.model_fields:
        yield key, State(KeyState.ACTS)
    for key, ours in SPELLINGS.get(model, {}).items():
        yield key, State(KeyState.ACTS, ours)
    for key, below in DEFERRED.get(model, {}).items():
        for name in _leaves(key, below):
            yield name, _moved(model, name) or State(KeyState.DEFERRED)
    for key, why in REFUSED.get(model, {}).items():
        yield key, State(KeyState.REFUSED, why)


def _moved(model: type[Authored], name: str) -> State | None:
    """The state of a key that acts in another mapping of the test."""
    place, key = ("expected", name) if model is Expected else name.split(".", 1) if "." in name else ("", name)
    move = MOVES.get((place, key)) if model in (Expected, TestCase) else None
    return State(KeyState.ACTS, move.shown) if move else None


def _leaves(key: str, below: Below) -> Iterator[str]:
    if not below:
        yield key
        return
    for name, deeper in below.items():
        yield from _leaves(f"{key}.{name}", deeper)
