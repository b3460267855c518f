"""Plans and files by digest: fetched once for all who ask, verified, and never from a path that came from outside."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.errors import BlobMissing
from tests.unit.workers.fakes import plan_of, planned
from workers.bundles import Bundles, DirectoryBlobSource, LoadedPlan


@dataclass
class FakeSource:
    """Blobs in memory; counts who asks for what."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        self.blobs[digest] = content
        return digest

    async def fetch(self, digest: str, token: str) -> bytes:
        self.asked[digest, token] += 1
        await asyncio.sleep(0)
        if digest not in self.blobs:
            raise BlobMissing(f"no blob {digest}")
        return self.blobs[digest]

    async def close(self) -> None:
        """Nothing is open."""


def test_a_plan_is_fetched_once_however_many_ask(tmp_path: Path) -> None:
    async def story(source: FakeSource, bundles: Bundles) -> None:
        digest = source.put(plan_of(planned(0), planned(1)).model_dump_json().encode())

        loaded = await asyncio.gather(*(bundles.plan(digest, "token") for _ in range(5)))

        assert all(one is loaded[0] for one in loaded)
        assert await bundles.plan(digest, "another") is loaded[0]
        assert source.asked == {(digest, "token"): 1}
        assert loaded[0].test(1).name == "t1"

    _play(story, tmp_path)


def test_a_file_is_fetched_once_and_lies_in_the_cache(tmp_path: Path) -> None:
    async def story(source: FakeSource, bundles: Bundles) -> None:
        digest = source.put(b"content")

        paths = await asyncio.gather(*(bundles.file(digest, "token") for _ in range(3)))

        assert len(set(paths)) == 1 and paths[0].read_bytes() == b"content"
        assert [path.name for path in paths[0].parent.iterdir()] == [digest]
        assert source.asked.total() == 1

    _play(story, tmp_path)


def test_what_is_missing_is_asked_for_again_next_time(tmp_path: Path) -> None:
    async def story(source: FakeSource, bundles: Bundles) -> None:
        digest = hashlib.sha256(b"late").hexdigest()
        with pytest.raises(BlobMissing):
            await bundles.file(digest, "token")

        source.put(b"late")

        assert (await bundles.file(digest, "token")).read_bytes() == b"late"

    _play(story, tmp_path)


def test_content_with_another_digest_is_refused(tmp_path: Path) -> None:
    async def story(source: FakeSource, bundles: Bundles) -> None:
        source.blobs["0" * 64] = b"something else"
        with pytest.raises(BlobMissing, match="damaged"):
            await bundles.file("0" * 64, "token")

    _play(story, tmp_path)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_digests_are_looked_up(name: str, tmp_path: Path) -> None:
    async def story(source: FakeSource, bundles: Bundles) -> None:
        with pytest.raises(BlobMissing, match="not a digest"):
            await bundles.file(name, "token")
        assert not source.asked

    _play(story, tmp_path)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"tests": [1]}', b'{"tests": []}', b"\xff"])
def test_a_blob_that_is_no_plan_is_as_good_as_missing(content: bytes, tmp_path: Path) -> None:
    async def story(source: FakeSource, bundles: Bundles) -> None:
        with pytest.raises(BlobMissing, match="not a plan"):
            await bundles.plan(source.put(content), "token")

    _play(story, tmp_path)


def test_a_plan_with_one_bad_test_has_the_others(tmp_path: Path) -> None:
    content = plan_of(planned(0), planned(1)).model_dump_json().replace('"name":"t1"', '"name":[]')
    loaded = LoadedPlan("digest", content.encode())

    assert loaded.test(0).name == "t0"
    with pytest.raises(BlobMissing, match="no test 1"):
        loaded.test(1)
    with pytest.raises(BlobMissing, match="no test 2"):
        loaded.test(2)


def test_a_directory_holds_blobs_by_the_beginning_of_their_digest(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"content").hexdigest()
    (tmp_path / digest[:2]).mkdir()
    (tmp_path / digest[:2] / digest).write_bytes(b"content")
    source = DirectoryBlobSource(tmp_path)

    assert asyncio.run(source.fetch(digest, "token")) == b"content"
    with pytest.raises(BlobMissing):
        asyncio.run(source.fetch("0" * 64, "token"))


def _play(story: Callable[[FakeSource, Bundles], Awaitable[None]], directory: Path) -> None:
    async def run() -> None:
        source = FakeSource()
        await story(source, Bundles(source, directory / "blobs"))

    asyncio.run(run())
