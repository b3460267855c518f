"""Suite files → LoadedSuite. The door of this package: everything that is wrong with a file is said here, at once.

Owns the order of the steps (read, shape, validate, rules) and which files of a folder are suites. Starts nothing,
and reads no file that a suite names (`bundle.py` does).
"""

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import JsonValue, ValidationError

from harness.errors import Problem, SuiteErrors, UsageError
from harness.models.expected import Expected
from harness.models.suite import Suite
from harness.safe_text import one_line
from harness.suites.build import Refused
from harness.suites.expectations import ExpectationChecker
from harness.suites.extending import extend
from harness.suites.files import Files, FolderFiles
from harness.suites.findings import Findings
from harness.suites.library import IncludedFile, Library
from harness.suites.moving import move_keys
from harness.suites.read import MAX_BYTES, read_yaml
from harness.suites.rules import check_suite
from harness.suites.schemas import with_schemas
from harness.suites.sentences import word_errors
from harness.suites.shape import Shape, shape_suite
from harness.suites.tree import MapNode
from harness.suites.unfold import unfold
from harness.suites.v1.notes import tell
from harness.suites.v1.translate import Part, is_v1, translate

MAX_SHOWN_PATH = 400
EXTENSIONS = (".yaml", ".yml")
SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "venv"})
_TESTS_KEY = re.compile(rb"^[\"']?(tools|resources|prompts|test_suites)[\"']?[ \t]*:", re.MULTILINE)
_SUITE_KEYS = (
    re.compile(rb"^[\"']?name[\"']?[ \t]*:", re.M),
    re.compile(rb"^[\"']?(server|targets?)[\"']?[ \t]*:", re.M),
)


@dataclass(frozen=True)
class LoadedSuite:
    """An accepted suite file. `file` is its path as it is shown; `text` its bytes, as they were judged."""

    file: str
    suite: Suite
    text: bytes = field(repr=False)
    warnings: tuple[Problem, ...]
    deferred: tuple[Problem, ...]
    shape: Shape = field(repr=False, compare=False)
    included: tuple[IncludedFile, ...] = field(default=(), repr=False)
    """Files that the suite is made of beside its own."""
    part: str = ""
    """Which of the suites of its file it is, where a file holds several; empty otherwise."""

    def line_of(self, path: tuple[str | int, ...]) -> int:
        """The line of a value or mapping, such as `("tools", 0, "tests", 2)`; of its nearest known parent otherwise."""
        return self.shape.spot_of(path).value.line

    def at(self, file: str) -> "LoadedSuite":
        """The same suite under another path."""
        return replace(self, file=file)


@dataclass(frozen=True)
class Loaded:
    """What became of several files: the accepted ones, and the problems of the others."""

    suites: tuple[LoadedSuite, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Loading:
    """How suites are loaded. Without `files` they may include none; `environment` is what `${…}` may name of it.

    With `lenient`, unknown keys are warnings.
    """

    lenient: bool = False
    files: Files | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    target_folders: tuple[Path, ...] = ()
    """Where targets are looked for besides `targets/` beside suites, and above."""


STRICT = Loading()


def load_suite(text: bytes, file: str, loading: Loading = STRICT) -> LoadedSuite:
    """Accept the suite of a file that holds one, or raise SuiteErrors with every problem."""
    [suite] = load_suites(text, file, loading)
    return suite


def load_suites(text: bytes, file: str, loading: Loading = STRICT) -> tuple[LoadedSuite, ...]:
    """Accept the suites of a file, or raise SuiteErrors with every problem. Only the v1 format may hold several."""
    library = Library(loading.files, file) if loading.files else None
    findings = Findings(file)
    parts = _parts(text, library, findings, lenient=loading.lenient)
    loaded = [
        _loaded(part, Source(file, text, library), loading, findings if number == 0 else Findings(file))
        for number, part in enumerate(parts)
    ]
    problems = [problem for outcome in loaded if isinstance(outcome, SuiteErrors) for problem in outcome.problems]
    if problems:
        raise SuiteErrors(tuple(sorted(dict.fromkeys(problems))))
    return tuple(outcome for outcome in loaded if isinstance(outcome, LoadedSuite))


@dataclass(frozen=True)
class Source:
    """The file that suites are loaded from."""

    file: str
    text: bytes
    library: Library | None


def _parts(text: bytes, library: Library | None, findings: Findings, *, lenient: bool) -> tuple[Part, ...]:
    """The trees of a file's suites, with all that they include and extend."""
    root = read_yaml(text, findings.file, library.tree if library else None)
    try:
        root = extend(root, library)
    except Refused as refused:
        raise SuiteErrors((findings.problem(refused.mark, refused.message, refused.hint),)) from None
    if not (is_v1(root) and isinstance(root, MapNode)):
        return (Part("", root),)
    translated = translate(root)
    tell(translated.notes, findings, lenient=lenient)
    findings.raise_errors()
    return translated.parts


def _loaded(part: Part, source: Source, loading: Loading, findings: Findings) -> "LoadedSuite | SuiteErrors":
    try:
        root = unfold(move_keys(part.root, findings), findings, loading.environment)
        root = with_schemas(root, source.library) if source.library else root
    except Refused as refused:
        return SuiteErrors((findings.problem(refused.mark, refused.message, refused.hint),))
    shape = shape_suite(root, findings, lenient=loading.lenient)
    suite = _validated(shape, findings)
    if suite is not None:
        check_suite(suite, shape, findings)
    try:
        findings.raise_errors()
    except SuiteErrors as errors:
        return errors
    assert suite is not None, "a suite that cannot be validated has errors"
    included = source.library.included if source.library else ()
    noted = (findings.warnings, findings.deferred)
    return LoadedSuite(source.file, suite, source.text, *noted, shape, included, part.name)


def load_paths(
    paths: Sequence[Path], loading: Loading = STRICT, *, keep_going: bool = False
) -> tuple[LoadedSuite, ...]:
    """Load files and folders; raises SuiteErrors with the problems of all files together.

    With `keep_going` bad files are left out, and only a load without any good file raises; `load_each` tells which.
    """
    loaded = load_each(paths, loading)
    if loaded.problems and not (keep_going and loaded.suites):
        raise SuiteErrors(loaded.problems)
    return loaded.suites


def load_each(paths: Sequence[Path], loading: Loading = STRICT) -> Loaded:
    """Load files and folders, good and bad alike; raises UsageError when a path is missing or holds no suite.

    They may include what lies below the folder that holds them all.
    """
    suites: list[LoadedSuite] = []
    problems: list[Problem] = []
    found = find_suites(paths)
    within = replace(loading, files=loading.files or FolderFiles(common_folder(paths)))
    for path in found:
        try:
            suites.extend(load_suites(read_file(path), str(path), within))
        except SuiteErrors as errors:
            problems.extend(errors.problems)
    return Loaded(tuple(suites), tuple(problems))


def common_folder(paths: Sequence[Path]) -> Path:
    """The folder that holds everything that `paths` name: a folder itself, a file's parent, or what they share."""
    folders = [path.resolve() if path.is_dir() else path.resolve().parent for path in paths]
    return Path(os.path.commonpath(folders))


def find_suites(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The suite files that `paths` mean, each once: a file is itself, a folder all suites below it, sorted.

    In a folder, `*.yaml` and `*.yml` files count whose first level has `tools`, `resources`, `prompts` or
    `test_suites`, or `name` and one of `server`, `target` and `targets`. Hidden files and folders, `node_modules`,
    `venv` and linked folders are passed over. Raises UsageError when a path is missing or a folder holds no suite.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        files = list(_suites_below(path)) if _is_folder(path) else [path]
        if not files:
            raise UsageError(f"{_shown(path)}: no suite below this folder (*.yaml or *.yml with tests for a server)")
        if not path.exists():
            raise UsageError(f"{_shown(path)}: no such file or folder")
        for file in files:
            found.setdefault(file.resolve(), file)
    return tuple(found.values())


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:
        raise UsageError(f"{_shown(path)}: {error.strerror}") from error


def _shown(path: Path) -> str:
    return one_line(str(path), MAX_SHOWN_PATH)


def _suites_below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in SKIPPED_FOLDERS)
        for name in sorted(files):
            file = Path(parent, name)
            if not name.startswith(".") and file.suffix in EXTENSIONS and looks_like_a_suite(file):
                yield file


def looks_like_a_suite(file: Path) -> bool:
    """Whether a YAML file in a folder counts as a suite: by its first level; also when it cannot be read."""
    try:
        text = read_file(file)
    except SuiteErrors:
        return file.is_file()  # loading will say why it cannot be read
    return bool(_TESTS_KEY.search(text)) or all(key.search(text) for key in _SUITE_KEYS)


def read_file(path: Path) -> bytes:
    """The bytes of a file, one more than a suite may have at most; raises SuiteErrors, and never waits for a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return file.read(MAX_BYTES + 1)
            reason = "not a regular file"
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
    raise SuiteErrors((Problem(str(path), 1, 1, reason),))


def _validated(shape: Shape, findings: Findings) -> Suite | None:
    try:
        return Suite.model_validate_json(json.dumps(shape.values), strict=True)
    except ValidationError as error:
        word_errors(error, shape, findings)
        _check_what_is_valid(shape, findings)
        return None


def _check_what_is_valid(shape: Shape, findings: Findings) -> None:
    """Say what is wrong with single expectations even though the suite as a whole cannot be built."""
    checker = ExpectationChecker(shape, findings)
    for path, value in _expectations(shape.values):
        try:
            expected = Expected.model_validate_json(json.dumps(value), strict=True)
        except ValidationError:
            continue
        checker.check(expected, path)


def _expectations(values: JsonValue) -> Iterator[tuple[tuple[str | int, ...], JsonValue]]:
    for section in ("tools", "resources", "prompts"):
        for number, owner in _items(values, section):
            for position, test in _items(owner, "tests"):
                if isinstance(test, dict) and "expected" in test:
                    yield (section, number, "tests", position, "expected"), test["expected"]


def _items(values: JsonValue, key: str) -> Iterator[tuple[int, JsonValue]]:
    items = values.get(key) if isinstance(values, dict) else None
    yield from enumerate(items if isinstance(items, list) else ())
