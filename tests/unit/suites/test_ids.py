"""Stable ids: what they may hold, and that different names stay different."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.suites.ids import MAX_SLUG_CHARACTERS, slug, suite_slug


def test_what_an_id_may_not_hold_becomes_a_dash() -> None:
    assert slug("read_file: a/b (v1.2)") == "read_file-a-b-v1.2"


def test_names_that_differ_only_in_letters_outside_ascii_have_different_ids() -> None:
    assert slug("测试一") != slug("测试二")
    assert slug("Größe").startswith("Gr-e-")


def test_long_names_keep_what_tells_them_apart() -> None:
    assert slug("a" * 199 + "b") != slug("a" * 199 + "c")


def test_a_suite_is_called_after_its_path() -> None:
    assert suite_slug("servers/file system.yaml") == "servers.file-system"


def test_a_path_that_nobody_should_send_still_has_a_name() -> None:
    assert [suite_slug(path) for path in ("", "/", "..", "a/./b.yaml", "a.b.yml", ".hidden")] == [
        "-",
        "-",
        "-..",
        "a.b",
        "a.b",
        "-",
    ]


@settings(deadline=None)
@given(st.text(min_size=1, max_size=200))
def test_every_name_becomes_a_bounded_part_of_an_id(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", slug(name))
    assert len(slug(name)) <= MAX_SLUG_CHARACTERS
    assert slug(name).strip(".")
    assert slug(name) == slug(name)
