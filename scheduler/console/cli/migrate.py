"""The command `migrate`: what a file of the v1 format is in the modern one. Replaces no file."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import Problem, SuiteErrors, UsageError
from scheduler.console.cli.arguments import CommandParser, command_parser
from scheduler.console.cli.json_output import as_json
from scheduler.console.cli.new_files import check_new, write_new

if TYPE_CHECKING:  # slow to load: not for --help
    from harness.suites.v1.migrate import MigratedSuite, Migration
    from harness.suites.v1.notes import Note

OUTPUT_HELP = "write here: a file for one suite, else a folder for a file of each; a file that is there is not replaced"


def main(argv: list[str]) -> int:
    """Print or write the suites, and on stderr what became of each key. 2 when something was left out or is wrong."""
    given = parser().parse_args(argv)
    from harness.suites.files import FolderFiles
    from harness.suites.load import read_file
    from harness.suites.v1.migrate import migrate

    migration = migrate(read_file(given.old), str(given.old), FolderFiles(given.old.absolute().parent))
    written = _write(migration.suites, given.output) if given.output else ()
    if given.json:
        print(_as_json(migration, written))
    elif not written:
        _print(migration.suites)
    _tell(migration, given.old, written)
    _check_what_was_made(migration, given.old.absolute().parent)
    return UsageError.exit_code if _lacks_something(migration) else 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser(
        "migrate",
        "Print what a suite file of the v1 format (test_suites) is in the modern one: a YAML document for each suite, "
        "comments where something was left out. On stderr, what became of each key, with its line.",
    )
    parser.add_argument("old", type=Path, metavar="OLD", help="a file of the v1 format")
    parser.add_argument("-o", "--output", type=Path, metavar="NEW", help=OUTPUT_HELP)
    return parser


def _write(suites: "Sequence[MigratedSuite]", output: Path) -> tuple[Path, ...]:
    """All or nothing, as far as can be told before."""
    if len(suites) == 1 and not output.is_dir():
        return (write_new(output, suites[0].text),)
    if not output.is_dir():
        raise UsageError(f"{output} is not a folder; {len(suites)} suites need one that is there")
    paths = [output / suite.file for suite in suites]
    for path in paths:
        check_new(path)
    return tuple(write_new(path, suite.text) for path, suite in zip(paths, suites, strict=True))


def _print(suites: "Sequence[MigratedSuite]") -> None:
    for number, suite in enumerate(suites):
        print(f"---\n{suite.text}" if number else suite.text, end="")
    sys.stdout.flush()


def _tell(migration: "Migration", old: Path, written: Sequence[Path]) -> None:
    from harness.safe_text import one_line
    from harness.suites.v1.migrate import sentence_of

    for note in migration.notes:
        place = f"{note.mark.file or old}:{note.mark.line}"
        print(one_line(f"{place}: {sentence_of(note)}", 2000), file=sys.stderr)
    for path in written:
        print(f"written: {path}", file=sys.stderr)


def _check_what_was_made(migration: "Migration", folder: Path) -> None:
    """Raises SuiteErrors for what a person must still mend, with its lines in the new text."""
    from harness.suites.files import FolderFiles
    from harness.suites.load import Loading, load_suite

    problems: list[Problem] = []
    for suite in migration.suites:
        try:
            load_suite(suite.text.encode(), str(folder / suite.file), Loading(files=FolderFiles(folder)))
        except SuiteErrors as errors:
            problems += errors.problems
    if problems:
        raise SuiteErrors(tuple(problems))


def _lacks_something(migration: "Migration") -> bool:
    from harness.suites.v1.notes import NoteKind

    return any(note.kind in (NoteKind.REFUSED, NoteKind.UNKNOWN, NoteKind.WRONG) for note in migration.notes)


def _as_json(migration: "Migration", written: Sequence[Path]) -> str:
    suites = [{"part": suite.part, "file": suite.file, "text": suite.text} for suite in migration.suites]
    return as_json(suites=suites, notes=[_told(note) for note in migration.notes], written=list(map(str, written)))


def _told(note: "Note") -> dict[str, object]:
    from harness.suites.v1.migrate import sentence_of

    place = {"file": note.mark.file, "line": note.mark.line, "column": note.mark.column}
    return {"kind": note.kind, "key": note.key, "said": note.said, "sentence": sentence_of(note), "at": place}
