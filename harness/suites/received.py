"""Reads a bundle that came over the network. What it says of paths, sizes and modes is not believed."""

from collections import Counter
from collections.abc import Iterator

from pydantic import ValidationError

from harness.errors import UsageError
from harness.models.job import Bundle, BundleFile
from harness.suites.bundle import MAX_BUNDLE_BYTES, MAX_FILE_BYTES, MAX_FILES
from harness.suites.confined import is_inside
from harness.suites.findings import quoted

MODES = (0o644, 0o755)


def read_bundle(content: bytes, digest: str) -> Bundle:
    """The bundle in a blob. Raises UsageError, naming the first thing that `pack` would never have made."""
    try:
        bundle = Bundle.model_validate_json(content)
    except ValidationError as error:
        raise UsageError(
            f"blob {digest} is not a bundle: {error.errors()[0]['msg']}; send the bundle's JSON"
        ) from error
    for problem in _problems(bundle):
        raise UsageError(f"blob {digest} is not a bundle that may be run: {problem}")
    return bundle


def _problems(bundle: Bundle) -> Iterator[str]:
    paths = Counter(file.path for file in bundle.files)
    if not bundle.suites:
        yield "it names no suite"
    if len(bundle.files) > MAX_FILES:
        yield f"expected up to {MAX_FILES} files, found {len(bundle.files)}"
    if sum(file.size_bytes for file in bundle.files) > MAX_BUNDLE_BYTES:
        yield f"its files are larger than {MAX_BUNDLE_BYTES // 1024**2} MiB together"
    for file in bundle.files:
        yield from _problems_of(file, paths[file.path])
    yield from _problems_of_names("suite", bundle.suites, paths)
    yield from _problems_of_names("target", bundle.targets, paths)


def _problems_of_names(kind: str, named: tuple[str, ...], paths: Counter[str]) -> Iterator[str]:
    for path, count in Counter(named).items():
        if path not in paths:
            yield f"it names the {kind} {quoted(path)}, which is not among its files"
        if count > 1:
            yield f"it names the {kind} {quoted(path)} {count} times"


def _problems_of(file: BundleFile, times: int) -> Iterator[str]:
    if not is_inside(file.path):
        yield f"the path {quoted(file.path)} does not stay inside its folder"
    if times > 1:
        yield f"the path {quoted(file.path)} occurs {times} times"
    if not 0 <= file.size_bytes <= MAX_FILE_BYTES:
        yield f"{quoted(file.path)}: expected a size of 0 to {MAX_FILE_BYTES} bytes, found {file.size_bytes}"
    if file.mode not in MODES:
        yield f"{quoted(file.path)}: expected mode 0o644 or 0o755, found {oct(file.mode)}"
