"""Where targets are looked for, which files are some, and how they travel."""

import os
from pathlib import Path

import pytest

from harness.errors import SuiteErrors, UsageError
from harness.models.run import Selection
from harness.suites.bundle import pack
from harness.suites.load import STRICT, LoadedSuite, Loading, load_paths
from harness.targets.choose import choose
from harness.targets.find import MAX_TARGETS, gather, load_targets, target_folders
from harness.targets.travel import files_of_targets, targets_in

SUITE = "name: S\ntools: [{name: t, tests: [{name: a}]}]\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def write_target(path: Path, name: str, more: str = "") -> Path:
    return write(path, f"name: {name}\ncommand: c\n{more}")


def test_targets_lie_beside_a_suite_or_above_it_up_to_the_root_and_in_folders_that_are_named(tmp_path: Path) -> None:
    for folder in ("targets", "root/targets", "root/a/b/targets", "root/other/targets"):
        write_target(tmp_path / folder / "t.yaml", "t")
    write_target(tmp_path / "named" / "n.yaml", "n")
    suites = [tmp_path / "root" / "a" / "b" / "s.yaml", tmp_path / "root" / "a" / "s.yaml"]

    folders = target_folders(tmp_path / "root", suites, [tmp_path / "named"])

    assert [str(folder.relative_to(tmp_path)) for folder in folders] == ["named", "root/a/b/targets", "root/targets"]


def test_the_yaml_files_of_such_a_folder_are_targets_but_for_suites_and_hidden_ones(tmp_path: Path) -> None:
    write_target(tmp_path / "b.yaml", "b")
    write_target(tmp_path / "a.yml", "z")
    for name in (".hidden.yaml", "notes.txt", "deeper/d.yaml"):
        write_target(tmp_path / name, "x")
    write(tmp_path / "suite.yaml", SUITE)
    assert [loaded.target.name for loaded in load_targets([tmp_path], STRICT)] == ["b", "z"]


def test_the_problems_of_all_targets_are_told_together_also_names_that_two_have(tmp_path: Path) -> None:
    write_target(tmp_path / "a.yaml", "same one")
    write_target(tmp_path / "b.yaml", "same-one")
    write(tmp_path / "c.yaml", "name: c\n")
    with pytest.raises(SuiteErrors) as caught:
        load_targets([tmp_path], STRICT)
    assert [str(problem).removeprefix(str(tmp_path)) for problem in caught.value.problems] == [
        "/c.yaml:1:1: 'command' is missing in the target; give the command that starts the server, or the url of one "
        "that runs already",
        f"/b.yaml:1:1: target 'same-one' is already given in {tmp_path}/a.yaml; rename one",
    ]


def test_a_folder_that_is_named_must_be_there_and_hold_a_target(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="/gone': no such folder"):
        target_folders(tmp_path, [], [tmp_path / "gone"])
    with pytest.raises(UsageError, match=r"': no target in it \(\*.yaml or \*.yml\)"):
        target_folders(tmp_path, [], [tmp_path])


def test_too_many_targets_are_refused(tmp_path: Path) -> None:
    one = write_target(tmp_path / "0.yaml", "t")
    for number in range(1, MAX_TARGETS + 1):
        os.link(one, tmp_path / f"{number}.yaml")
    with pytest.raises(UsageError, match=f"a run takes up to {MAX_TARGETS:,}"):
        load_targets([tmp_path], STRICT)


def test_targets_that_nobody_needs_are_not_even_read(tmp_path: Path) -> None:
    write(tmp_path / "targets" / "bad.yaml", "][")
    suites = load_paths([write(tmp_path / "s.yaml", f"{SUITE}server: {{command: c}}\n")])
    assert gather(tmp_path, suites, STRICT, Selection()) == ()
    with pytest.raises(SuiteErrors):
        gather(tmp_path, suites, STRICT, Selection(targets=("x",)))


def test_targets_travel_with_their_locks_also_from_outside_the_root_and_are_found_again(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    write(root / "s.yaml", SUITE)
    lock = "a==1 --hash=sha256:ab\n"
    write_target(root / "targets" / "near.yaml", "near", "labels: {k: v}\n")
    write_target(root / "targets" / "unused.yaml", "unused")
    write_target(outside / "far.yaml", "far away", "labels: {k: v}\ninstall: {pypi: a==1, lock: locks/a.txt}\n")
    write(outside / "locks" / "a.txt", lock)
    loading, selection = Loading(target_folders=(outside,)), Selection(labels={"k": "v"})
    suites: tuple[LoadedSuite, ...] = load_paths([root / "s.yaml"], loading)
    chosen = choose(suites, gather(root, suites, loading, selection), selection)

    packed = pack(root, [pair.suite for pair in chosen], files_of_targets(root, chosen))

    assert packed.bundle.targets == (".targets/far-away/far.yaml", "targets/near.yaml")
    assert [file.path for file in packed.bundle.files] == [
        ".targets/far-away/far.yaml",
        ".targets/far-away/locks/a.txt",
        "s.yaml",
        "targets/near.yaml",
    ]
    contents = {digest: content for digest, content in packed.contents.items() if isinstance(content, bytes)}
    arrived = targets_in(packed.bundle, contents.__getitem__, STRICT)
    assert [(loaded.target.name, loaded.lock) for loaded in arrived] == [("far away", lock.encode()), ("near", None)]
    assert choose(packed.suites, arrived, selection)[0].targets == arrived
