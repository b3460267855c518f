"""Packing: what goes into a bundle, under which digest, and what may not."""

import hashlib
import os
from pathlib import Path

import pytest

from harness.errors import SuiteErrors
from harness.models.expected import Expected, FieldExpectation
from harness.models.job import Bundle, BundleFile
from harness.models.server import Server
from harness.suites.bundle import MAX_FILE_BYTES, MAX_FILES, bundle_digest, canonical_json, pack
from harness.suites.load import LoadedSuite, common_folder, load_paths
from harness.suites.placing import plan_files

TESTS = "tools: [{name: t, tests: [{name: a}]}]\n"


def write_suite(folder: Path, files: str = "[]", name: str = "s.yaml") -> LoadedSuite:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"name: s\nserver: {{command: c}}\nfiles: {files}\n{TESTS}")
    return load_paths([folder / name])[0]


def refusals(root: Path, *suites: LoadedSuite) -> list[str]:
    with pytest.raises(SuiteErrors) as caught:
        pack(root, suites)
    return [str(problem).rsplit("s.yaml:", 1)[-1] for problem in caught.value.problems]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_bundle_holds_the_suite_and_its_files_by_digest(tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "sub", "[{source: data}, {source: run.sh}, {source: run.sh, target: b}]")
    (tmp_path / "sub" / "data" / "deep").mkdir(parents=True)
    (tmp_path / "sub" / "data" / "deep" / "x.txt").write_bytes(b"x")
    (tmp_path / "sub" / "run.sh").write_bytes(b"#!/bin/sh\n")
    (tmp_path / "sub" / "run.sh").chmod(0o700)
    (tmp_path / "sub" / "not-named.txt").write_bytes(b"n")

    packed = pack(tmp_path, [suite])

    assert packed.bundle == Bundle(
        suites=("sub/s.yaml",),
        files=(
            BundleFile(path="sub/data/deep/x.txt", digest=sha256(b"x"), size_bytes=1, mode=0o644),
            BundleFile(path="sub/run.sh", digest=sha256(b"#!/bin/sh\n"), size_bytes=10, mode=0o755),
            BundleFile(path="sub/s.yaml", digest=sha256(suite.text), size_bytes=len(suite.text)),
        ),
    )
    assert packed.digest == bundle_digest(packed.bundle) == sha256(canonical_json(packed.bundle))
    contents = {d: c if isinstance(c, bytes) else c.read_bytes() for d, c in packed.contents.items()}
    assert all(sha256(content) == digest for digest, content in contents.items())
    assert set(contents) == {packed.digest, *(file.digest for file in packed.bundle.files)}
    assert [loaded.file for loaded in packed.suites] == ["sub/s.yaml"]


def test_files_that_are_not_required_are_packed_when_they_are_there(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, "[{source: gone, required: false}, {source: here, required: false}]")
    (tmp_path / "here").write_bytes(b"h")

    packed = pack(tmp_path, [suite])

    assert [file.path for file in packed.bundle.files] == ["here", "s.yaml"]
    assert [file.target for file in plan_files(packed.suites[0], "s.yaml", packed.bundle)] == ["here"]


def test_files_of_scripts_are_packed_and_must_be_there(tmp_path: Path) -> None:
    script = "scripts: [{file: check.py}]"
    (tmp_path / "s.yaml").write_text(
        f"name: s\nserver: {{command: c}}\ntools: [{{name: t, tests: [{{name: a, {script}}}]}}]\n"
    )
    [suite] = load_paths([tmp_path / "s.yaml"])

    assert refusals(tmp_path, suite) == ["3:54: 'check.py' does not exist beside the suite"]
    (tmp_path / "check.py").write_bytes(b"print(1)")
    packed = pack(tmp_path, [suite])
    assert [file.path for file in packed.bundle.files] == ["check.py", "s.yaml"]
    assert plan_files(packed.suites[0], "s.yaml", packed.bundle) == ()
    with pytest.raises(SuiteErrors, match=r"3:54: 'check\.py' is not in the bundle"):
        plan_files(packed.suites[0], "s.yaml", Bundle(suites=("s.yaml",), files=()))


def test_a_file_of_several_suites_is_packed_once(tmp_path: Path) -> None:
    case = "test_cases: [{id: a, tool_name: t}]"
    (tmp_path / "s.yaml").write_text(
        f"server: {{start_command: c}}\ntest_suites: [{{name: x, {case}}}, {{name: y, {case}}}]\n"
    )

    packed = pack(tmp_path, load_paths([tmp_path / "s.yaml"]))

    assert packed.bundle.suites == ("s.yaml",)
    assert [(loaded.file, loaded.part) for loaded in packed.suites] == [("s.yaml", "x"), ("s.yaml", "y")]


def test_the_same_files_have_the_same_digest_in_another_place_and_order(tmp_path: Path) -> None:
    digests = set()
    for place in ("one", "two"):
        suites = [write_suite(tmp_path / place, name=name) for name in ("s.yaml", "t.yaml")]
        digests.add(pack(tmp_path / place, suites).digest)

    assert len(digests) == 1


def test_what_was_judged_is_packed_even_if_the_file_has_changed_since(tmp_path: Path) -> None:
    suite = write_suite(tmp_path)
    (tmp_path / "s.yaml").write_text("changed")

    packed = pack(tmp_path, [suite])

    assert packed.contents[packed.bundle.files[0].digest] == suite.text


def test_a_suite_that_another_suite_names_as_a_file_is_packed_once(tmp_path: Path) -> None:
    suites = [write_suite(tmp_path, "[{source: .}]", name="a.yaml"), write_suite(tmp_path, name="b.yaml")]

    packed = pack(tmp_path, suites)

    assert [file.path for file in packed.bundle.files] == ["a.yaml", "b.yaml"]
    assert packed.contents[packed.bundle.files[1].digest] == suites[1].text


@pytest.mark.parametrize("source", ["data/../../outside.txt", "../outside.txt", "/etc/hostname"])
def test_a_path_that_leads_out_of_the_folder_does_not_even_load(tmp_path: Path, source: str) -> None:
    (tmp_path / "outside.txt").write_bytes(b"secret")

    with pytest.raises(SuiteErrors, match="does not stay inside its folder"):
        write_suite(tmp_path / "sub", f"[{{source: {source}}}]")


def test_links_that_lead_out_and_links_to_folders_are_refused_with_their_lines(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "sub"
    outside.mkdir()
    (outside / "secret.txt").write_bytes(b"secret")
    (inside / "data").mkdir(parents=True)
    (inside / "file").symlink_to(outside / "secret.txt")
    (inside / "folder").symlink_to(outside)
    (inside / "data" / "loop").symlink_to(inside)
    suite = write_suite(inside, "[{source: file}, {source: folder}, {source: folder/secret.txt}, {source: data}]")

    assert refusals(tmp_path, suite) == [
        "3:18: 'file' is a link that leads out of the suite's folder",
        "3:34: 'folder' is a link that leads out of the suite's folder",
        "3:52: 'folder/secret.txt' is a link that leads out of the suite's folder",
        "3:81: 'data' holds a link to a folder, 'loop', which is not packed",
    ]


def test_a_folder_without_a_file_is_refused_and_a_linked_one_is_not_even_looked_at(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "sub" / "empty" / "deep").mkdir(parents=True)
    (tmp_path / "sub" / "link").symlink_to(tmp_path / "elsewhere")
    suite = write_suite(tmp_path / "sub", "[{source: empty}, {source: link}]")

    assert refusals(tmp_path, suite) == [
        "3:18: 'empty' holds no file",
        "3:35: 'link' is a link that leads out of the suite's folder",
    ]


def test_a_link_within_the_folder_is_packed_as_what_it_leads_to(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, "[{source: alias}]")
    (tmp_path / "real").write_bytes(b"r")
    (tmp_path / "alias").symlink_to("real")

    assert pack(tmp_path, [suite]).bundle.files[0] == BundleFile(path="alias", digest=sha256(b"r"), size_bytes=1)


def test_missing_special_and_enormous_files_are_refused_with_their_lines(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, "[{source: gone}, {source: pipe}, {source: big}]")
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "big").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)

    assert refusals(tmp_path, suite) == [
        "3:18: 'gone' does not exist beside the suite",
        "3:34: 'pipe' is not a regular file",
        "3:50: 'big' is larger than 16 MiB",
    ]


def test_a_bundle_of_too_many_files_or_bytes_is_refused(tmp_path: Path) -> None:
    many = write_suite(tmp_path / "a", "[{source: data}]")
    (tmp_path / "a" / "data").mkdir()
    for number in range(MAX_FILES):
        (tmp_path / "a" / "data" / str(number)).touch()
    large = write_suite(tmp_path / "b", "[{source: data}]")
    (tmp_path / "b" / "data").mkdir()
    for number in range(5):
        with (tmp_path / "b" / "data" / str(number)).open("wb") as file:
            file.truncate(13 * 1024**2 + number)

    assert refusals(tmp_path, many) == ["3:18: 'data' is one file too many: a bundle holds 2000"]
    assert refusals(tmp_path, large) == ["3:18: 'data' makes the bundle larger than 64 MiB"]


def test_two_suites_whose_ids_would_be_equal_are_refused(tmp_path: Path) -> None:
    suites = [write_suite(tmp_path, name=name) for name in ("a b s.yaml", "a-b-s.yaml")]

    assert refusals(tmp_path, *suites) == ["1:1: this file and 'a b s.yaml' would have the same id 'a-b-s'; rename one"]


def test_a_suite_outside_the_root_is_refused(tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "a", "[{source: gone}]")
    (tmp_path / "b").mkdir()

    assert refusals(tmp_path / "b", suite) == [
        "1:1: this file leads out of the folder that is packed; give the file that it leads to, or a copy"
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (b"\xff", "name that is not UTF-8, '\\udcff s.yaml'; rename it"),
        (b"a\nb", "path that cannot be packed, 'a\\nb s.yaml'; rename it: no control characters, no backslashes, "),
        (b"a\\b", "path that cannot be packed, 'a\\b s.yaml'; rename it: no control characters, no backslashes, "),
    ],
)
def test_a_suite_whose_name_no_bundle_can_hold_is_refused(tmp_path: Path, name: bytes, said: str) -> None:
    suite = write_suite(tmp_path, name=os.fsdecode(name + b" s.yaml"))

    (problem,) = refusals(tmp_path, suite)

    assert problem.startswith(f"1:1: this file has a {said}")


def test_a_file_below_a_folder_whose_name_no_bundle_can_hold_is_refused(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, "[{source: data}]")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / os.fsdecode(b"\xff")).touch()

    assert refusals(tmp_path, suite) == [
        "3:18: 'data' has a name that is not UTF-8, 'data/\\udcff'; rename it",
    ]


def test_the_root_is_the_folder_that_holds_all_paths(tmp_path: Path) -> None:
    write_suite(tmp_path / "x" / "y")
    write_suite(tmp_path / "x" / "z")

    assert common_folder([tmp_path / "x"]) == tmp_path / "x"
    assert common_folder([tmp_path / "x" / "y" / "s.yaml"]) == tmp_path / "x" / "y"
    assert common_folder([tmp_path / "x" / "y" / "s.yaml", tmp_path / "x" / "z"]) == tmp_path / "x"


def test_canonical_json_tells_a_given_null_from_an_absent_key() -> None:
    given, absent = (Expected(fields=(field,)) for field in (FieldExpectation(value=None), FieldExpectation()))

    assert canonical_json(given) != canonical_json(absent)


def test_canonical_json_does_not_depend_on_the_order_of_keys() -> None:
    one, other = (Server(command="c", env=env) for env in ({"A": "1", "B": "2"}, {"B": "2", "A": "1"}))

    assert canonical_json(one) == canonical_json(other)
