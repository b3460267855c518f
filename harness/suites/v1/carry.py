"""Tables of keys: what becomes of each key of one kind of mapping in a v1 file, and the walk that obeys them.

A key that no table names is unknown. A new key of the format is one line in a table of `harness/suites/v1/`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.suites.tree import Entry, ListNode, MapNode
from harness.suites.v1.nodes import Mapped, said_of
from harness.suites.v1.notes import Notes, is_null

How = Callable[[Entry, Mapped, Notes], None]
WITH_CONFIG = "is configuration: it acts in a file that is given as --config"


@dataclass(frozen=True)
class Becomes:
    """The key acts, as `path` of the modern format. `how` writes it there, where that is more than another name."""

    path: str
    how: How | None = None
    takes_null: bool = False
    """Whether nothing written after the key is `how`'s business; otherwise it means that the key is not given."""


@dataclass(frozen=True)
class Defers:
    """The key does not act. `below`: what is documented below it, dotted; empty: whatever stands there.

    `unless`: a value that says what is so anyway.
    """

    why: str = ""
    below: tuple[str, ...] = ()
    unless: bool | None = None


@dataclass(frozen=True)
class Configures:
    """The key acts as configuration (`run --config FILE`), not in a suite."""


@dataclass(frozen=True)
class Refuses:
    """The key is an error. `why` says the reason and what to write instead. `unless`: a value that does no harm."""

    why: str
    unless: bool | None = None


Treatment = Becomes | Defers | Configures | Refuses


@dataclass(frozen=True)
class Table:
    """All keys of one kind of mapping. `place`: the dotted path at which it stands, as `keys` shows it."""

    place: str
    keys: Mapping[str, Treatment]
    shown: str = ""
    """What comes before a key in messages."""

    def name(self, key: str) -> str:
        """A key in messages."""
        return f"{self.shown}.{key}" if self.shown else key


def carry(node: MapNode, table: Table, into: Mapped, notes: Notes) -> None:
    """Do with every key of a mapping what its table says."""
    for key, entry in node.entries.items():
        treatment = table.keys.get(key)
        if treatment is None:
            notes.unknown(entry.key_mark, table.name(key), table.keys)
        else:
            obey(treatment, table.name(key), entry, into, notes)


def obey(treatment: Treatment, name: str, entry: Entry, into: Mapped, notes: Notes) -> None:
    """Do with one key what is said of it."""
    match treatment:
        case Becomes(path, how, takes_null):
            if is_null(entry.node) and not takes_null:
                return
            if path.rsplit(".", 1)[-1] not in ("", name.rsplit(".", 1)[-1]):
                notes.translated(entry.key_mark, name, path)
            if how is None:
                into.put(path, entry, notes)
            else:
                how(entry, into, notes)
        case Defers(why, below, unless) if unless is None or said_of(entry.node) is not unless:
            _defer(entry, name, why, below, notes)
        case Configures():
            notes.deferred(entry.node, entry.key_mark, name, WITH_CONFIG)
        case Refuses(why, unless) if unless is None or said_of(entry.node) is not unless:
            notes.refused(entry.key_mark, name, why)


def _defer(entry: Entry, name: str, why: str, below: tuple[str, ...], notes: Notes) -> None:
    """Each leaf below the key by its name; one that is not documented there is unknown."""
    if isinstance(entry.node, ListNode) and (inside := documented_below("", below)):
        for item in entry.node.items:
            _defer(Entry(item.mark, item), f"{name}[]", why, inside, notes)
        return
    if not below or not isinstance(entry.node, MapNode) or not entry.node.entries:
        notes.deferred(entry.node, entry.key_mark, name, why)
        return
    for key, member in entry.node.entries.items():
        deeper = documented_below(key, below)
        if key in below or deeper:
            _defer(member, f"{name}.{key}", why, deeper, notes)
        else:
            known = (path.split(".")[0].removesuffix("[]") for path in below)
            notes.unknown(member.key_mark, f"{name}.{key}", known)


def documented_below(key: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    """What is documented below a key: of a mapping `a.b` → `b`, of the items of a list `a[].b` → `[].b` → `b`."""
    if not key:
        return tuple(path.removeprefix("[].") for path in paths if path.startswith("[]."))
    inside = (path.removeprefix(key) for path in paths if path.startswith((f"{key}.", f"{key}[].")))
    return tuple(path.removeprefix(".") for path in inside)
