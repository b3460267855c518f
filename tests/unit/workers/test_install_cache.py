"""Entries of the cache of packages: whole or not there, held while they are used, removed when they are old."""

import os
from pathlib import Path

import pytest

from workers.install_cache import Held, InstallCache, contents_of


def fill(cache: InstallCache, key: str, size_bytes: int = 1) -> None:
    held = cache.try_fill(key)
    assert held is not None
    (cache.folder(key) / "file").write_bytes(b"x" * size_bytes)
    cache.complete(key, f"{key}@1.0.0", 0.5)
    held.release()


def used(cache: InstallCache, key: str) -> Held:
    held = cache.try_use(key)
    assert held is not None
    return held


def new_cache(root: Path, max_bytes: int = 1000) -> InstallCache:
    cache = InstallCache(root, max_bytes)
    cache.prepare()
    return cache


def age(root: Path, *keys: str) -> None:
    """Make these the least lately used, the first one most of all."""
    for place, key in enumerate(keys):
        os.utime(root / f"{key}.json", (1000 + place, 1000 + place))


def test_an_entry_is_there_once_it_is_complete_and_not_before(tmp_path: Path) -> None:
    cache = new_cache(tmp_path)
    assert cache.try_use("a") is None
    held = cache.try_fill("a")
    assert held is not None and cache.try_use("a") is None and cache.try_fill("a") is None
    held.release()
    assert cache.try_use("a") is None

    fill(cache, "a")

    used(cache, "a").release()
    assert cache.try_fill("a") is None


def test_what_a_killed_process_left_is_removed_before_the_next_one_begins(tmp_path: Path) -> None:
    cache = new_cache(tmp_path)
    cache.folder("a").mkdir()
    (cache.folder("a") / "half").write_text("half")
    held = cache.try_fill("a")
    assert held is not None and list(cache.folder("a").iterdir()) == []


def test_many_use_an_entry_and_nobody_fills_it_meanwhile(tmp_path: Path) -> None:
    cache = new_cache(tmp_path)
    fill(cache, "a")
    held = [used(cache, "a"), used(new_cache(tmp_path), "a")]
    (tmp_path / "a" / "file").write_text("changed")
    assert new_cache(tmp_path).try_fill("a") is None
    for one in held:
        one.release()
        one.release()
    assert new_cache(tmp_path).try_fill("a") is not None


@pytest.mark.parametrize("change", ["content", "more", "less", "mode", "link"])
def test_an_entry_that_was_changed_is_none_for_a_process_that_looks_at_it_for_the_first_time(
    tmp_path: Path, change: str
) -> None:
    fill(new_cache(tmp_path), "a")
    file = tmp_path / "a" / "file"
    match change:
        case "content":
            file.write_text("y")
        case "more":
            (tmp_path / "a" / "another").touch()
        case "less":
            file.unlink()
        case "mode":
            file.chmod(0o755)
        case "link":
            (tmp_path / "a" / "out").symlink_to("/etc", target_is_directory=True)
    assert new_cache(tmp_path).try_use("a") is None


def test_an_entry_whose_record_cannot_be_read_is_none(tmp_path: Path) -> None:
    fill(new_cache(tmp_path), "a")
    (tmp_path / "a.json").write_text("{")
    assert new_cache(tmp_path).try_use("a") is None


def test_what_was_not_used_for_longest_goes_first_until_the_rest_is_small_enough(tmp_path: Path) -> None:
    cache = new_cache(tmp_path, max_bytes=250)
    for key in ("a", "b", "c", "d"):
        fill(cache, key, 100)
    age(tmp_path, "c", "a", "b", "d")
    used(cache, "c").release()  # from now on the newest

    cache.shrink()

    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["c", "d"]
    assert [cache.try_use(key) is None for key in ("a", "b", "c", "d")] == [True, True, False, False]


def test_what_is_in_use_stays_however_old_it_is(tmp_path: Path) -> None:
    cache = new_cache(tmp_path, max_bytes=0)
    fill(cache, "a")
    fill(cache, "b")
    age(tmp_path, "a", "b")
    held = used(cache, "a")
    age(tmp_path, "a", "b")
    cache.shrink()
    assert [cache.try_use("a") is None, cache.try_use("b") is None] == [False, True]
    held.release()


def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(PermissionError, match="can be written by others"):
        InstallCache(tmp_path, 1).prepare()


def test_the_digest_of_a_folder_does_not_depend_on_where_it_is(tmp_path: Path) -> None:
    for place in ("one", "two"):
        (tmp_path / place / "deep").mkdir(parents=True)
        (tmp_path / place / "deep" / "b").write_text("bb")
        (tmp_path / place / "a").write_text("a")
        (tmp_path / place / "link").symlink_to("a")
    assert contents_of(tmp_path / "one") == contents_of(tmp_path / "two")
    assert contents_of(tmp_path / "one").size_bytes == 3
