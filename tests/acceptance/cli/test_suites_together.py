"""Several suites in one run: which wait for which, which may fail a little, and which of them are wanted at all."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from harness.models.outcomes import TestOutcome
from tests.acceptance.command import run_command

SERVER = Path(__file__).parents[2] / "servers" / "diary.py"
PASSED, FAILED, SKIPPED = TestOutcome.PASSED, TestOutcome.FAILED, TestOutcome.SKIPPED


def write(folder: Path, name: str, tests: Sequence[str], **top: object) -> Path:
    """A suite `name`; a test called `bad…` fails. Every call stands in the diary."""
    server = {"command": sys.executable, "args": [str(SERVER)], "env": {"DIARY": str(folder / "diary")}}
    written = [{"name": test, "input": {"text": test}, "expected": {"error": test.startswith("bad")}} for test in tests]
    suite = {"name": name, "server": server, "tools": [{"name": "note", "tests": written}], **top}
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(suite))
    return path


def diary(folder: Path) -> list[str]:
    return [line.removeprefix("note ") for line in (folder / "diary").read_text().splitlines()]


def test_a_suite_waits_for_those_it_depends_on(tmp_path: Path) -> None:
    write(tmp_path, "a", ["a1", "a2"], depends_on=["b", "c"])
    write(tmp_path, "b", ["b1", "b2", "b3"])
    write(tmp_path, "c", ["c1"], depends_on=["b"])

    finished = run_command(["run", str(tmp_path)], tmp_path)

    assert finished.exit_code == 0
    assert [sorted(part) for part in (diary(tmp_path)[:3], diary(tmp_path)[3:4], diary(tmp_path)[4:])] == [
        ["b1", "b2", "b3"],
        ["c1"],
        ["a1", "a2"],
    ]


def test_a_suite_is_skipped_when_one_that_it_depends_on_did_not_pass(tmp_path: Path) -> None:
    write(tmp_path, "a", ["a1"], depends_on=["b"])
    write(tmp_path, "b", ["b1", "bad"])
    write(tmp_path, "z", ["z1"], depends_on=["a"])

    finished = run_command(["run", str(tmp_path)], tmp_path)

    assert finished.report is not None
    assert finished.exit_code == 1
    assert finished.outcomes() == {"a1": SKIPPED, "b1": PASSED, "bad": FAILED, "z1": PASSED}
    [skipped] = [test for test in finished.report.tests if test.name == "a1"]
    assert skipped.reason == "a suite that it depends on did not pass"


def test_a_suite_of_which_enough_tests_pass_fails_neither_the_run_nor_what_depends_on_it(tmp_path: Path) -> None:
    write(tmp_path, "a", ["a1"], depends_on=["b"])
    write(tmp_path, "b", ["b1", "b2", "b3", "bad"], required_success_rate=0.75)

    finished = run_command(["run", str(tmp_path)], tmp_path)

    assert finished.exit_code == 0
    assert finished.outcomes() == {"a1": PASSED, "b1": PASSED, "b2": PASSED, "b3": PASSED, "bad": FAILED}
    assert finished.stdout.startswith("PASSED")


def test_too_few_tests_that_pass_fail_the_run(tmp_path: Path) -> None:
    write(tmp_path, "b", ["b1", "b2", "bad"], required_success_rate=0.75)

    assert run_command(["run", str(tmp_path)], tmp_path).exit_code == 1


@pytest.mark.parametrize(
    ("a", "b", "exit_code", "words"),
    [
        (["b"], ["a"], 2, "these suites depend on each other in a circle: 'a' → 'b' → 'a'"),
        (["a"], [], 2, "depend on each other in a circle: 'a' → 'a'"),
        (["gone"], [], 0, "depends_on 'gone': no suite of this run is called so, and it is not waited for"),
    ],
)
def test_a_circle_of_suites_is_refused_and_a_suite_that_is_not_there_is_not_waited_for(
    tmp_path: Path, a: list[str], b: list[str], exit_code: int, words: str
) -> None:
    write(tmp_path, "a", ["a1"], depends_on=a)
    write(tmp_path, "b", ["b1"], depends_on=b)

    finished = run_command(["run", str(tmp_path)], tmp_path)

    assert (finished.exit_code, words in finished.stdout + finished.stderr) == (exit_code, True)


def test_higher_priority_is_published_first(tmp_path: Path) -> None:
    write(tmp_path, "a", ["a1", "a2"], test_config={"max_concurrency": 1})
    write(tmp_path, "b", ["b1"], priority=5, test_config={"max_concurrency": 1})

    run_command(["run", str(tmp_path), "--workers", "1", "--concurrency", "1"], tmp_path)

    assert diary(tmp_path)[0] == "b1"


def test_a_seed_mixes_the_order_of_tests_and_the_same_seed_mixes_it_equally(tmp_path: Path) -> None:
    names = [f"t{number}" for number in range(30)]
    suite = write(tmp_path, "a", names, isolation="suite")

    orders = []
    for seed in ("7", "7", "8"):
        finished = run_command(["run", str(suite), "--shuffle", seed], tmp_path)
        assert f"seed {seed}" in finished.stderr
        orders.append(diary(tmp_path))
        (tmp_path / "diary").unlink()

    assert [sorted(order) for order in orders] == [sorted(names)] * 3
    assert orders[0] == orders[1] != orders[2] != names
    assert orders[0] != names


def test_only_what_failed_in_an_earlier_run_is_run_again(tmp_path: Path) -> None:
    suite = write(tmp_path, "a", ["a1", "bad1", "bad2"])
    run_command(["run", str(suite)], tmp_path)
    (tmp_path / "diary").unlink()

    again = run_command(["run", str(suite), "--rerun-failed", "last"], tmp_path)

    assert (again.exit_code, sorted(diary(tmp_path))) == (1, ["bad1", "bad2"])
    write(tmp_path, "a", ["a1", "gone"])
    other = run_command(["run", str(suite), "--failed", "last"], tmp_path)
    assert (other.exit_code, "none of the tests that did not pass then" in other.stderr) == (2, True)


def test_a_run_without_failures_leaves_nothing_to_run_again(tmp_path: Path) -> None:
    suite = write(tmp_path, "a", ["a1"])
    run_command(["run", str(suite)], tmp_path)

    again = run_command(["run", str(suite), "--rerun-failed", "last"], tmp_path)

    assert (again.exit_code, "has passed" in again.stderr) == (2, True)


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=e@example.test", "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
    )


def test_only_suites_of_which_a_file_changed_are_run(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "data").mkdir(parents=True)
    (root / "data" / "x.txt").write_text("1")
    (root / "common.yaml").write_text("timeout_seconds: 20\n")
    write(root, "plain", ["plain1"])
    write(root, "with_files", ["files1"], files=[{"source": "data"}])
    including = write(root, "including", ["including1"])
    including.write_text(including.read_text() + "test_config: !include common.yaml\n")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "all")

    def ran(*changes: Path) -> list[str]:
        for change in changes:
            change.write_text(change.read_text() + "\n" if change.exists() else "new")
        finished = run_command(["run", str(root), "--changed-since", "HEAD"], tmp_path)
        git(root, "checkout", "-q", ".")
        git(root, "clean", "-q", "-f", "-d", "-e", "diary")
        return sorted(finished.outcomes()) if finished.exit_code == 0 else [finished.stderr.strip().splitlines()[-1]]

    assert ran(root / "plain.yaml") == ["plain1"]
    assert ran(root / "common.yaml") == ["including1"]
    assert ran(root / "data" / "y.txt") == ["files1"]
    assert "none of the 3 suites has changed since HEAD" in ran()[0]


@pytest.mark.parametrize("reference", ["gone", "--output=/x", "HEAD; rm -rf"])
def test_what_git_does_not_know_is_said(tmp_path: Path, reference: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    suite = write(root, "a", ["a1"])
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "all")

    finished = run_command(["run", str(suite), f"--changed-since={reference}"], tmp_path)

    assert (finished.exit_code, "--changed-since: git" in finished.stderr) == (2, True)
