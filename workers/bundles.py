"""Plans and files of runs, by digest: fetched once, verified, cached in this process and its scratch directory.

A source is a directory (embedded farm) or the API with a run's token. What does not match its digest, or is larger
than any blob may be, is not used. Nothing is ever written to a source.
"""

import asyncio
import hashlib
import re
import tempfile
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from harness.errors import BlobMissing
from harness.models.job import PlannedTest, SuitePlan

MAX_BLOB_BYTES = 64 * 1024 * 1024
CACHED_PLANS = 64
_DIGEST = re.compile(r"[0-9a-f]{64}")
_Loaded = TypeVar("_Loaded")


class BlobSource(Protocol):
    """Where blobs come from."""

    async def fetch(self, digest: str, token: str) -> bytes:
        """The blob, not verified. Raises BlobMissing or FarmUnreachable."""

    async def close(self) -> None:
        """Let go of connections."""


class DirectoryBlobSource:
    """Blobs as `root/ab/abcdef…`, as the artefact store on a directory keeps them."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def fetch(self, digest: str, token: str) -> bytes:
        """Read the file."""
        path = self._root / digest[:2] / digest
        return await asyncio.to_thread(_read_bounded, path)

    async def close(self) -> None:
        """Nothing is open."""


class LoadedPlan:
    """A plan with its tests at hand. Tests are read one by one, when they are asked for: a plan may hold thousands,
    and most of them run elsewhere. `plan.tests` is empty here."""

    def __init__(self, digest: str, content: bytes) -> None:
        """Raises ValueError for what is no plan."""
        whole = from_json(content)
        tests = whole["tests"]
        self.digest = digest
        self.plan = SuitePlan.model_validate({**whole, "tests": []})
        self._tests: dict[int, bytes] = {}
        self._names: dict[int, str] = {}
        self._groups: dict[str, list[int]] = {}
        for test in tests:
            number = test["number"]
            self._tests[number] = to_json(test)  # as bytes: thousands of dicts would slow down the garbage collector
            self._names[number] = str(test.get("name", number))
            if test.get("group") and not test.get("skip_reason"):
                self._groups.setdefault(test["group"], []).append(number)

    def test(self, number: int) -> PlannedTest:
        """The test with that number. Raises BlobMissing when the plan has none: it is not the right plan then."""
        try:
            return PlannedTest.model_validate_json(self._tests[number])
        except (KeyError, ValidationError) as error:
            raise BlobMissing(f"plan {self.digest} has no test {number}: {error}") from error

    def group(self, name: str) -> tuple[PlannedTest, ...]:
        """The members of a group that run, in file order."""
        return tuple(self.test(number) for number in self._groups.get(name, []))

    def name_of(self, number: int) -> str:
        """How the author calls a test."""
        return self._names.get(number, str(number))


class Bundles:
    """Plans and files for one process. `directory` holds the files and belongs to this process alone."""

    def __init__(self, source: BlobSource, directory: Path) -> None:
        self._source = source
        self._directory = directory
        self._plans: OrderedDict[str, asyncio.Future[LoadedPlan]] = OrderedDict()
        self._files: dict[str, asyncio.Future[Path]] = {}

    async def plan(self, digest: str, token: str) -> LoadedPlan:
        """The plan `digest`, parsed once. Raises BlobMissing (also for what is no plan) or FarmUnreachable."""
        known = self._plans.get(digest)
        if known is not None and known.done() and not known.exception():
            self._plans.move_to_end(digest)
            return known.result()
        loaded = await _once(self._plans, digest, lambda: self._load_plan(digest, token))
        while len(self._plans) > CACHED_PLANS:
            self._plans.popitem(last=False)
        return loaded

    async def file(self, digest: str, token: str) -> Path:
        """A local file with the content of `digest`, not to be changed. Raises BlobMissing or FarmUnreachable."""
        return await _once(self._files, digest, lambda: self._load_file(digest, token))

    async def content(self, digest: str, token: str) -> bytes:
        """What such a file holds."""
        path = await self.file(digest, token)
        return await asyncio.to_thread(path.read_bytes)

    async def close(self) -> None:
        """Let go of the source."""
        await self._source.close()

    async def _load_plan(self, digest: str, token: str) -> LoadedPlan:
        content = await self._fetch(digest, token)
        try:
            return await asyncio.to_thread(LoadedPlan, digest, content)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BlobMissing(f"blob {digest} is not a plan that this worker can read: {error}") from error

    async def _load_file(self, digest: str, token: str) -> Path:
        content = await self._fetch(digest, token)
        target = self._directory / digest
        await asyncio.to_thread(write_whole, target, content)
        return target

    async def _fetch(self, digest: str, token: str) -> bytes:
        if not _DIGEST.fullmatch(digest):
            raise BlobMissing(f"not a digest: {digest[:80]!r}")
        content = await self._source.fetch(digest, token)
        if hashlib.sha256(content).hexdigest() != digest:
            raise BlobMissing(f"blob {digest} arrived damaged: its content has another digest")
        return content


async def _once(
    known: "dict[str, asyncio.Future[_Loaded]] | OrderedDict[str, asyncio.Future[_Loaded]]",
    key: str,
    load: Callable[[], Awaitable[_Loaded]],
) -> _Loaded:
    """Load `key` once for everybody who asks; a failure is forgotten, so that the next one tries again."""
    if key not in known:
        task = asyncio.ensure_future(load())
        task.add_done_callback(lambda done: known.pop(key, None) if done.cancelled() or done.exception() else None)
        known[key] = task
    return await asyncio.shield(known[key])


def _read_bounded(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BLOB_BYTES + 1)
    except OSError as error:
        raise BlobMissing(f"no blob {path.name} in {path.parent.parent}") from error
    if len(content) > MAX_BLOB_BYTES:
        raise BlobMissing(f"blob {path.name} is larger than {MAX_BLOB_BYTES} bytes")
    return content


def write_whole(target: Path, content: bytes) -> None:
    """Write a file that nobody sees half."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".new-", delete=False) as file:
        file.write(content)
    Path(file.name).replace(target)
