"""`validate` refuses what `run` refuses, in the same words, and both count the same tests."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.command import echo_test, run_command, write_suite
from tests.conftest import plain_server

GOOD = {"echo": [echo_test("one")]}
HEAD = "name: s\nserver: {command: c}\n"
TESTS = "tools: [{name: t, tests: [{name: a}]}]\n"


def named(name: bytes, files: str = "") -> Callable[[Path], None]:
    """A good suite under a name, with `files`."""
    return lambda folder: folder.joinpath(os.fsdecode(name)).write_text(HEAD + files + TESTS) and None


def text(content: str) -> Callable[[Path], None]:
    """A suite of this text."""
    return lambda folder: (folder / "s.yaml").write_text(content) and None


def huge_file(folder: Path) -> None:
    (folder / "big").touch()
    os.truncate(folder / "big", 17 * 1024**2)
    named(b"s.yaml", "files: [{source: big}]\n")(folder)


def link_out(folder: Path) -> None:
    (folder / "link").symlink_to("/etc/hostname")
    named(b"s.yaml", "files: [{source: link}]\n")(folder)


def linked_suite(folder: Path) -> None:
    named(b"s.yaml")(folder.parent)
    (folder / "s.yaml").symlink_to(folder.parent / "s.yaml")


def one_place_for_two(folder: Path) -> None:
    for name in ("a", "b"):
        (folder / name).write_text(name)
    named(b"s.yaml", "files: [{source: a, target: x}, {source: b, target: x}]\n")(folder)


def equal_ids(folder: Path) -> None:
    named(b"a b.yaml")(folder)
    named(b"a-b.yaml")(folder)


def file_not_utf_8(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / os.fsdecode(b"\xff")).touch()
    named(b"s.yaml", "files: [{source: data}]\n")(folder)


BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "an unknown key": (text(HEAD + "toolz: 1\n" + TESTS), r"s\.yaml:3:1: unknown key 'toolz'; did you mean 'tools'\?$"),
    "half a character": (text(f'{TESTS}name: "\\ud800"\n'), r"s\.yaml:2:10: not YAML: .*; write the character itself"),
    "no such file": (named(b"s.yaml", "files: [{source: gone}]\n"), r"s\.yaml:3:18: 'gone' does not exist beside"),
    "a file too large": (huge_file, r"s\.yaml:3:18: 'big' is larger than 16 MiB$"),
    "a link that leads out": (link_out, r"s\.yaml:3:18: 'link' is a link that leads out of the suite's folder$"),
    "a suite that leads out": (linked_suite, r"s\.yaml:1:1: this file leads out of the folder that is packed"),
    "two files at one place": (one_place_for_two, r"suites/s\.yaml:3:33: two files go to 'x'; change one target$"),
    "equal ids": (equal_ids, r"a-b\.yaml:1:1: this file and 'a b\.yaml' would have the same id 'a-b'; rename one$"),
    "a name not UTF-8": (named(b"\xff.yaml"), r"\\udcff\.yaml:1:1: this file has a name that is not UTF-8"),
    "a name on two lines": (named(b"a\nb.yaml"), r"a\\nb\.yaml:1:1: this file has a path that cannot be packed"),
    "a file not UTF-8": (file_not_utf_8, r"s\.yaml:3:18: 'data' has a name that is not UTF-8, 'data/\\udcff'"),
    **{
        f"a server in {place}": (
            text(f"name: s\nserver:\n  command: c\n  working_dir: {place}\n{TESTS}"),
            rf"s\.yaml:4:16: working_dir '{re.escape(place)}' is not a folder inside the sandbox; write one such as",
        )
        for place in ("/", "..", "${sandbox}/..", "a/../..")
    },
}


@pytest.mark.parametrize("name", BAD)
def test_validate_refuses_what_run_refuses_in_the_same_words(tmp_path: Path, name: str) -> None:
    make, said = BAD[name]
    folder, state = tmp_path / "suites", tmp_path / "state"
    folder.mkdir()
    make(folder)

    validated, ran = (run_command([command, str(folder)], state) for command in ("validate", "run"))

    assert (validated.exit_code, ran.exit_code) == (2, 2), (validated.stderr, ran.stderr)
    assert validated.stderr == ran.stderr
    head, problem = ran.stderr.splitlines()
    assert head == "error: 1 problem, nothing was started"
    assert re.search(said, problem)
    assert not state.exists()


def test_validate_shows_the_good_suites_beside_one_that_cannot_be_packed(tmp_path: Path, state_dir: Path) -> None:
    good = write_suite(tmp_path / "good.yaml", plain_server(), GOOD)
    bad = write_suite(tmp_path / "bad.yaml", plain_server(), GOOD, files=[{"source": "gone"}])

    done = run_command(["validate", str(tmp_path)], state_dir)

    assert done.stdout == f"{good}: ok, 1 test\n"
    assert f"{bad}:" in done.stderr


def test_every_command_counts_the_same_tests(tmp_path: Path, state_dir: Path) -> None:
    tools = {"echo": [echo_test("one"), echo_test("two", skip=True)]}
    more = {"capabilities": {"tools": True}, "prompts": [{"name": "p", "tests": [{"name": "a"}]}]}
    suite = str(write_suite(tmp_path / "a.yaml", plain_server(), tools, **more))

    assert run_command(["validate", suite], state_dir).stdout.endswith("ok, 4 tests\n")
    assert run_command(["list", suite], state_dir).stderr == "4 tests on 1 server\n"
    assert "4 tests on 1 server would run" in run_command(["run", "--dry-run", suite], state_dir).stderr
    assert len(run_command(["run", suite], state_dir).outcomes()) == 4
