"""Packs suites and the files that they name into a bundle: paths, digests, contents.

Owns what may go into a bundle: regular files below the folder of the suite that names them, within limits. Nothing
that a link leads out of that folder to. Stores nothing; whoever packs puts `contents` into an artefact store.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import BaseModel

from harness.errors import Problem, SuiteErrors
from harness.models.job import Bundle, BundleFile
from harness.suites.confined import MAX_NAME_BYTES, MAX_PATH_BYTES, is_inside
from harness.suites.findings import quoted
from harness.suites.ids import suite_slug
from harness.suites.library import IncludedFile
from harness.suites.load import LoadedSuite
from harness.suites.scripting import script_files
from harness.suites.shape import Path as Place
from harness.suites.snapshots import folder_of, takes_snapshots

MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_BUNDLE_BYTES = 64 * 1024 * 1024
MAX_FILES = 2_000
MAX_SHOWN_PATH = 200
_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class PackedBundle:
    """A bundle, its digest, and the content of every digest in it, its own JSON included.

    `suites` are the packed suites under their paths within the bundle: plan these.
    """

    bundle: Bundle
    digest: str
    contents: Mapping[str, bytes | Path]
    suites: tuple[LoadedSuite, ...]


def pack(root: Path, suites: Sequence[LoadedSuite], targets: Sequence[Sequence[IncludedFile]] = ()) -> PackedBundle:
    """Pack suites that lie below `root`; raises SuiteErrors for files that may not be packed, with their lines.

    `targets`: the files of each target, its own first.
    """
    packing = _Packing(root.resolve())
    for suite in suites:
        packing.add_suite(suite)
    for suite in suites:  # afterwards: a suite is packed as it was judged, also where another names it as a file
        packing.add_files_of(suite)
    for files in targets:
        packing.add_target(files)
    if packing.problems:
        raise SuiteErrors(tuple(packing.problems))
    bundle = Bundle(
        suites=tuple(dict.fromkeys(suite.file for suite in packing.suites)),
        targets=tuple(sorted(packing.targets)),
        files=tuple(packing.files[path] for path in sorted(packing.files)),
    )
    encoded = canonical_json(bundle)
    digest = hashlib.sha256(encoded).hexdigest()
    return PackedBundle(bundle, digest, {**packing.contents, digest: encoded}, tuple(packing.suites))


def bundle_digest(bundle: Bundle) -> str:
    """The digest under which a bundle is stored: SHA-256 of its canonical JSON, in hex."""
    return hashlib.sha256(canonical_json(bundle)).hexdigest()


def canonical_json(model: BaseModel) -> bytes:
    """The one JSON text of a model: sorted keys, no spaces, UTF-8. Equal models have equal digests."""
    values = model.model_dump(mode="json")
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


class _Refused(Exception):
    """Raised when a file may not be packed."""


class _Packing:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._size_bytes = 0
        self._names: dict[str, str] = {}
        self.files: dict[str, BundleFile] = {}
        self.contents: dict[str, bytes | Path] = {}
        self.suites: list[LoadedSuite] = []
        self.targets: list[str] = []
        self.problems: list[Problem] = []

    def add_suite(self, loaded: LoadedSuite) -> None:
        try:
            path = self._path_of(Path(loaded.file).resolve())
            self._refuse_equal_ids(loaded, path)
            if path in self.files:  # another suite of the same file
                self.suites.append(loaded.at(path))
                return
            self._add(path, hashlib.sha256(loaded.text).hexdigest(), len(loaded.text), 0o644, loaded.text)
            self.suites.append(loaded.at(path))
            for included in loaded.included:
                digest = hashlib.sha256(included.content).hexdigest()
                self._add(included.path, digest, len(included.content), 0o644, included.content)
        except _Refused as refused:
            self.problems.append(Problem(loaded.file, 1, 1, f"this file {refused}"))

    def add_files_of(self, loaded: LoadedSuite) -> None:
        folder = Path(loaded.file).resolve().parent
        if not folder.is_relative_to(self._root):
            return  # the suite itself is refused
        for number, file_of in enumerate(loaded.suite.files):
            if file_of.required or os.path.lexists(folder / file_of.source):
                self._add_named(loaded, folder, file_of.source, ("files", number, "source"))
        for place, file in script_files(loaded.suite):
            self._add_named(loaded, folder, file, (*place, "file"))
        snapshots = folder_of(loaded.file, loaded.part)
        if takes_snapshots(loaded.suite) and (folder / snapshots).is_dir():
            self._add_named(loaded, folder, snapshots, ())

    def _add_named(self, loaded: LoadedSuite, folder: Path, source: str, place: Place) -> None:
        try:
            self._add_source(folder, source)
        except _Refused as refused:
            mark = loaded.shape.spot_of(place).value
            problem = Problem(mark.file or loaded.file, mark.line, mark.column, f"{quoted(source)} {refused}")
            self.problems.append(problem)

    def add_target(self, files: Sequence[IncludedFile]) -> None:
        self.targets.append(files[0].path)
        for file in files:
            if file.path in self.files:
                continue
            try:
                self._add(file.path, hashlib.sha256(file.content).hexdigest(), len(file.content), 0o644, file.content)
            except _Refused as refused:
                self.problems.append(Problem(file.path, 1, 1, f"this file {refused}"))

    def _path_of(self, file: Path) -> str:
        if not file.is_relative_to(self._root):
            raise _Refused("leads out of the folder that is packed; give the file that it leads to, or a copy")
        return file.relative_to(self._root).as_posix()

    def _refuse_equal_ids(self, loaded: LoadedSuite, path: str) -> None:
        name = suite_slug(path)
        other = self._names.setdefault(name, path)
        if other != path:
            message = f"this file and {quoted(other)} would have the same id {quoted(name)}"
            self.problems.append(Problem(loaded.file, 1, 1, message, "rename one"))

    def _add_source(self, folder: Path, source: str) -> None:
        file = None
        for file in _files_at(folder, source):
            if self._path_of(file) in self.files:
                continue
            real = file.resolve()
            if not real.is_relative_to(folder):
                raise _Refused("is a link that leads out of the suite's folder")
            digest, size_bytes, mode = _read_facts(real)
            self._add(self._path_of(file), digest, size_bytes, mode, real)
        if file is None:
            raise _Refused("holds no file")

    def _add(self, path: str, digest: str, size_bytes: int, mode: int, content: bytes | Path) -> None:
        _refuse_odd_path(path)
        self._size_bytes += size_bytes
        if len(self.files) >= MAX_FILES:
            raise _Refused(f"is one file too many: a bundle holds {MAX_FILES}")
        if self._size_bytes > MAX_BUNDLE_BYTES:
            raise _Refused(f"makes the bundle larger than {MAX_BUNDLE_BYTES // 1024**2} MiB")
        self.files[path] = BundleFile(path=path, digest=digest, size_bytes=size_bytes, mode=mode)
        self.contents.setdefault(digest, content)


def _refuse_odd_path(path: str) -> None:
    """What a bundle cannot hold: it is JSON, and whoever reads it takes no other paths than these."""
    if not _is_unicode(path):
        raise _Refused(f"has a name that is not UTF-8, {quoted(path, MAX_SHOWN_PATH)}; rename it")
    if not is_inside(path):
        raise _Refused(
            f"has a path that cannot be packed, {quoted(path, MAX_SHOWN_PATH)}; rename it: no control characters, no "
            f"backslashes, at most {MAX_NAME_BYTES} bytes for each name and {MAX_PATH_BYTES} for all"
        )


def _is_unicode(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _files_at(folder: Path, source: str) -> Iterator[Path]:
    """The files that a source names, in a stable order: itself, or everything below a folder."""
    start = folder.joinpath(PurePosixPath(source))
    if not start.is_dir():
        if not start.exists():
            raise _Refused("does not exist beside the suite")
        yield start
        return
    if not start.resolve().is_relative_to(folder):
        raise _Refused("is a link that leads out of the suite's folder")
    for parent, folders, names in os.walk(start):
        folders.sort()
        links = [name for name in folders if Path(parent, name).is_symlink()]
        if links:
            raise _Refused(f"holds a link to a folder, {quoted(links[0])}, which is not packed")
        yield from (Path(parent, name) for name in sorted(names))


def _read_facts(file: Path) -> tuple[str, int, int]:
    """Digest, size in bytes and mode of a regular file, read once."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as content:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise _Refused("is not a regular file")
            digest, size_bytes = hashlib.sha256(), 0
            while chunk := content.read(_CHUNK_BYTES):
                digest.update(chunk)
                size_bytes += len(chunk)
                if size_bytes > MAX_FILE_BYTES:
                    raise _Refused(f"is larger than {MAX_FILE_BYTES // 1024**2} MiB")
    except OSError as error:
        raise _Refused(f"cannot be read: {error.strerror}") from None
    return digest.hexdigest(), size_bytes, 0o755 if facts.st_mode & stat.S_IXUSR else 0o644
