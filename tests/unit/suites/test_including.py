"""`!include`, `extends` and schema files: what they bring, and that nothing leads out of the folder that is run."""

import os
from pathlib import Path

import pytest

from harness.errors import SuiteErrors
from harness.suites.bundle import pack
from harness.suites.files import BundleFiles
from harness.suites.listing import list_tests
from harness.suites.load import Loading, load_paths, load_suite

SUITE = "name: S\nserver: {command: c}\ntools: [{name: t, tests: [{name: a}]}]\n"


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".yaml").write_text(text)
    return folder


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(SuiteErrors) as caught:
        load_paths([folder / "s.yaml", folder / "sub"] if (folder / "sub").exists() else [folder / "s.yaml"])
    return [str(problem).replace(str(folder), "") for problem in caught.value.problems]


def test_an_included_file_stands_where_it_is_named_and_may_include_others(tmp_path: Path) -> None:
    write(
        tmp_path,
        s="name: S\nserver: !include parts/server.yaml\ntools: !include parts/tools.yaml\n",
        parts__server="command: c\nargs: !include args.yaml\n",
        parts__args="[x, y]\n",
        parts__tools="- {name: t, tests: [{name: a}]}\n",
    )

    [loaded] = load_paths([tmp_path / "s.yaml"])

    assert loaded.suite.server.args == ("x", "y")
    assert [item.path for item in loaded.included] == ["parts/args.yaml", "parts/server.yaml", "parts/tools.yaml"]


def test_a_problem_in_an_included_file_names_that_file_and_its_line(tmp_path: Path) -> None:
    write(
        tmp_path,
        s="name: S\nserver: {command: c}\ntools: !include parts/tools.yaml\n",
        parts__tools="- name: t\n  tests:\n  - nmae: a\n",
    )

    assert problems_of(tmp_path) == [
        "/parts/tools.yaml:3:5: 'name' is missing in item 1 of 'tests'",
        "/parts/tools.yaml:3:5: unknown key 'nmae'; did you mean 'name'?",
    ]


def test_a_suite_has_what_it_extends_but_for_what_it_says_itself(tmp_path: Path) -> None:
    write(
        tmp_path,
        base="name: Base\nserver: {command: c, env: {A: '1', B: '2'}}\ntags: [x]\n"
        "tools: [{name: t, tests: [{name: a}]}]\n",
        s="extends: base.yaml\nname: S\nserver: {env: {B: '3'}}\ntags: [y]\n",
        more="extends: s.yaml\n_merge_mode: append\ntags: [z]\ntools: [{name: u, tests: [{name: b}]}]\n",
    )

    child, more = load_paths([tmp_path / "s.yaml"])[0].suite, load_paths([tmp_path / "more.yaml"])[0].suite

    assert (child.name, child.server.command, child.server.env) == ("S", "c", {"A": "1", "B": "3"})
    assert (child.tags, [tool.name for tool in child.tools]) == (("y",), ["t"])
    assert (more.tags, [tool.name for tool in more.tools]) == (("y", "z"), ["t", "u"])


def test_a_schema_file_stands_in_the_place_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"type": "object"}')
    write(
        tmp_path,
        s="name: S\nserver: {command: c}\ntools: [{name: t, tests: [{name: a, input: {schema_file: gone.json},\n"
        "  expected: {schema_file: schema.json}}]}]\n",
    )

    [loaded] = load_paths([tmp_path / "s.yaml"])

    assert [item.path for item in loaded.included] == ["schema.json"]
    assert list_tests(loaded.suite)[0].test.input == {"schema_file": "gone.json"}


def test_what_is_included_travels_and_the_farm_loads_the_same(tmp_path: Path) -> None:
    write(
        tmp_path,
        s="name: S\nserver: !include server.yaml\ntools: [{name: t, tests: [{name: a}]}]\n",
        server="command: c\n",
    )
    packed = pack(tmp_path, load_paths([tmp_path / "s.yaml"]))
    files = {file.path: file.digest for file in packed.bundle.files}

    def fetch(digest: str) -> bytes:
        content = packed.contents[digest]
        return content if isinstance(content, bytes) else content.read_bytes()

    again = load_suite(fetch(files["s.yaml"]), "s.yaml", Loading(files=BundleFiles(files, fetch)))

    assert sorted(files) == ["s.yaml", "server.yaml"]
    assert again.suite == packed.suites[0].suite


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("../secret.yaml", "lies outside the folder that is run"),
        ("/etc/passwd", "lies outside the folder that is run"),
        ("a/../../secret.yaml", "lies outside the folder that is run"),
        ("link.yaml", "lies outside the folder that is run"),
        ("gone.yaml", "cannot be read: No such file or directory"),
        ("folder", "cannot be read: Is a directory"),
        ("pipe", "is not a regular file"),
        ("s.yaml", "includes itself"),
        ('"a\\0b"', "lies outside the folder that is run"),
        ("", "lies outside the folder that is run"),
    ],
)
@pytest.mark.parametrize("how", ["server: !include {}\nname: S\n", "extends: {}\nname: S\n"])
def test_nothing_leads_out_of_the_folder_that_is_run(tmp_path: Path, named: str, words: str, how: str) -> None:
    root = tmp_path / "root"
    write(root, s=how.format(named or "''"))
    write(tmp_path, secret="command: stolen\n")
    (root / "folder").mkdir()
    os.mkfifo(root / "pipe")
    (root / "link.yaml").symlink_to(tmp_path / "secret.yaml")

    [problem] = problems_of(root)

    assert words in problem
    assert "stolen" not in problem


def test_files_that_include_each_other_are_refused_and_so_is_a_bomb(tmp_path: Path) -> None:
    write(tmp_path, s="extends: b.yaml\n", b="extends: s.yaml\n")
    assert "includes itself" in problems_of(tmp_path)[0]
    write(tmp_path, s="x: [" + ", ".join(["!include b.yaml"] * 400) + "]\n", b="[" + "1, " * 1000 + "1]\n")
    assert "more than 100000 values" in problems_of(tmp_path)[0]
    write(tmp_path, s="x: !include n1.yaml\n", **{f"n{n}": f"x: !include n{n + 1}.yaml\n" for n in range(1, 20)})
    assert "more than 8 deep" in problems_of(tmp_path)[0]


def test_a_text_that_came_without_files_can_include_none() -> None:
    with pytest.raises(SuiteErrors, match="no file can be included here"):
        load_suite(b"server: !include x.yaml\n", "s.yaml")
    with pytest.raises(SuiteErrors, match="no file can be included here"):
        load_suite(b"extends: x.yaml\n" + SUITE.encode(), "s.yaml")
