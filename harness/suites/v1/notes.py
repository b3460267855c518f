"""What becomes of each key of a v1 file, with its place: what `migrate` lists, and what loading makes findings of."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from harness.suites.findings import Findings, quoted
from harness.suites.tree import Leaf, MapNode, Mark, Node


class NoteKind(StrEnum):
    """What a note says."""

    TRANSLATED = "translated"
    READING = "reading"  # translated, and the author should look whether it is what was meant
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    WRONG = "wrong"


@dataclass(frozen=True)
class Note:
    """One key. `said`: its place in the modern format, or why it has none."""

    mark: Mark
    kind: NoteKind
    key: str
    said: str = ""
    known: tuple[str, ...] = ()
    """What may stand there instead of a key that nobody knows."""


class Notes:
    """Collects notes in the order of the translation."""

    def __init__(self) -> None:
        self._notes: dict[Note, None] = {}

    @property
    def all(self) -> tuple[Note, ...]:
        """Each once, in the order of the file."""
        return tuple(sorted(self._notes, key=lambda note: note.mark))

    def translated(self, mark: Mark, key: str, path: str) -> None:
        """The key stands at `path` now."""
        self._add(Note(mark, NoteKind.TRANSLATED, key, path))

    def reading(self, mark: Mark, key: str, said: str) -> None:
        """The format leaves open what the key means; `said` is what was taken."""
        self._add(Note(mark, NoteKind.READING, key, said))

    def deferred(self, node: Node, mark: Mark, key: str, why: str = "") -> None:
        """The key does not act, nor does any leaf of a mapping below it."""
        if not isinstance(node, MapNode) or not node.entries:
            self._add(Note(mark, NoteKind.DEFERRED, key, why))
            return
        for name, entry in node.entries.items():
            self.deferred(entry.node, entry.key_mark, f"{key}.{name}", why)

    def refused(self, mark: Mark, key: str, why: str) -> None:
        """The key is not accepted."""
        self._add(Note(mark, NoteKind.REFUSED, key, why))

    def unknown(self, mark: Mark, key: str, known: Iterable[str]) -> None:
        """Nobody documents the key."""
        self._add(Note(mark, NoteKind.UNKNOWN, key, known=tuple(known)))

    def wrong(self, mark: Mark, key: str, said: str) -> None:
        """What the key holds cannot be taken."""
        self._add(Note(mark, NoteKind.WRONG, key, said))

    def _add(self, note: Note) -> None:
        self._notes[note] = None


def tell(notes: Iterable[Note], findings: Findings, *, lenient: bool) -> None:
    """Make findings of notes. With `lenient`, unknown keys are warnings."""
    for note in notes:
        match note.kind:
            case NoteKind.READING:
                findings.warn(note.mark, f"{quoted(note.key)}: {note.said}")
            case NoteKind.DEFERRED:
                findings.defer(note.mark, note.key, note.said)
            case NoteKind.REFUSED:
                findings.error(note.mark, f"{quoted(note.key)} is refused: {note.said}")
            case NoteKind.WRONG:
                findings.error(note.mark, f"{quoted(note.key)} {note.said}")
            case NoteKind.UNKNOWN:
                report = findings.warn if lenient else findings.error
                last = note.key.rsplit(".", 1)[-1]
                report(note.mark, f"unknown key {quoted(note.key)}", findings.did_you_mean(last, note.known))


def is_null(node: Node) -> bool:
    """Whether nothing is written there."""
    return isinstance(node, Leaf) and node.value is None
