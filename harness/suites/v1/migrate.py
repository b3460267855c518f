"""A file of the v1 format → the text of suites of ours, with a comment where something was left out. Pure."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from harness.errors import SuiteErrors, UsageError
from harness.models.suite import Suite
from harness.suites.build import Refused
from harness.suites.extending import extend
from harness.suites.files import Files
from harness.suites.findings import Findings
from harness.suites.ids import slug
from harness.suites.library import Library
from harness.suites.read import read_yaml
from harness.suites.tree import MapNode, Node
from harness.suites.v1.notes import Note, NoteKind
from harness.suites.v1.translate import Part, is_v1, translate
from harness.suites.writing import yaml_lines
from harness.yaml_values import comment

LEFT_OUT = frozenset({NoteKind.DEFERRED, NoteKind.REFUSED, NoteKind.UNKNOWN, NoteKind.WRONG})
SENTENCES = {
    NoteKind.TRANSLATED: "→",
    NoteKind.READING: "",
    NoteKind.DEFERRED: "",
    NoteKind.REFUSED: "is refused:",
    NoteKind.UNKNOWN: "is a key that nobody documents",
    NoteKind.WRONG: "",
}


@dataclass(frozen=True)
class MigratedSuite:
    """One suite. `file` is the name under which its tests have the ids that they have in the old file."""

    part: str
    file: str
    text: str


@dataclass(frozen=True)
class Migration:
    """All that became of a file."""

    suites: tuple[MigratedSuite, ...]
    notes: tuple[Note, ...]


def migrate(content: bytes, file: str, files: Files) -> Migration:
    """Translate a file. SuiteErrors when it cannot be read, UsageError when it is of the modern format."""
    root = _root(content, file, files)
    if not isinstance(root, MapNode) or not is_v1(root):
        raise UsageError(f"{file}: there is no 'test_suites'; only files of the v1 format are translated")
    translated = translate(root)
    starts = [part.root.mark.line for part in translated.parts]
    suites = tuple(
        MigratedSuite(
            part.name, _file_of(part, file), _text_of(part, file, _notes_of(number, starts, translated.notes))
        )
        for number, part in enumerate(translated.parts)
    )
    return Migration(suites, translated.notes)


def sentence_of(note: Note) -> str:
    """What became of a key, in one sentence without its place."""
    said = note.said or ("does not act yet" if note.kind is NoteKind.DEFERRED else "")
    return " ".join(filter(None, (note.key, SENTENCES[note.kind], said)))


def _root(content: bytes, file: str, files: Files) -> Node:
    library = Library(files, file)
    try:
        return extend(read_yaml(content, file, library.tree), library)
    except Refused as refused:
        raise SuiteErrors((Findings(file).problem(refused.mark, refused.message, refused.hint),)) from None


def _file_of(part: Part, file: str) -> str:
    return f"{PurePosixPath(file).stem}.{slug(part.name)}.yaml" if part.name else f"{PurePosixPath(file).stem}.yaml"


def _notes_of(number: int, starts: list[int], notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """What concerns a suite; the first one has also what stands beside the suites."""
    end = starts[number + 1] if number + 1 < len(starts) else None
    return tuple(
        note
        for note in notes
        if (starts[number] <= note.mark.line and (end is None or note.mark.line < end))
        or (number == 0 and note.mark.line < starts[0])
    )


def _text_of(part: Part, file: str, notes: tuple[Note, ...]) -> str:
    return "\n".join((*_head(part, file), *_body(part, notes), ""))


def _head(part: Part, file: str) -> Iterator[str]:
    suite = f", suite {part.name}" if part.name else ""
    yield comment(f"Made from {PurePosixPath(file).name}{suite}.")


def _body(part: Part, notes: tuple[Note, ...]) -> Iterator[str]:
    remarks: dict[int, list[str]] = defaultdict(list)
    for note in notes:
        if note.kind in LEFT_OUT:
            remarks[note.mark.line].append(f"line {note.mark.line}: {sentence_of(note)}")
    assert isinstance(part.root, MapNode)
    yield from yaml_lines(part.root, Suite, remarks)
