"""One suite over many servers: named by the suite, or asked for on the command line; here and on a farm."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.acceptance.cli.farm import ServedFarm, served_farm
from tests.acceptance.command import Finished, run_command
from tests.conftest import plain_server

GREETING = {
    "name": "greeting",
    "input": {"name": "GREETING"},
    "expected": {"fields": [{"path": "$[0].text", "value": "hello"}]},
}
POLITE, RUDE = "default/s/polite/env/greeting", "default/s/rude/env/greeting"


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedFarm]:
    with served_farm(tmp_path_factory.mktemp("farm")) as served:
        yield served


def write_targets(folder: Path) -> Path:
    """Two servers, of which one does not say what the suite wants to hear."""
    folder.mkdir()
    for name, greeting, tier in (("polite", "hello", "gold"), ("rude", "go away", "tin")):
        target = {**plain_server(GREETING=greeting), "name": name, "owner": "us", "labels": {"tier": tier}}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(target, sort_keys=False))
    return folder


def write_suite(path: Path, **named: Any) -> str:
    suite = {"name": "greets", **named, "tools": [{"name": "env", "tests": [GREETING]}]}
    path.write_text(yaml.safe_dump(suite, sort_keys=False))
    return str(path)


def outcomes(done: Finished) -> dict[str, str | None]:
    assert done.report is not None, done.stderr
    return {test.test_id: test.outcome for test in done.report.tests}


def test_one_suite_is_run_over_several_servers_each_with_tests_of_its_own(tmp_path: Path, state_dir: Path) -> None:
    write_targets(tmp_path / "targets")
    suite = write_suite(tmp_path / "s.yaml", targets=["polite", "rude"])

    done = run_command(["run", suite], state_dir)

    assert (done.exit_code, outcomes(done)) == (1, {POLITE: "passed", RUDE: "failed"}), done.stderr


def test_a_farm_runs_a_suite_against_the_same_targets_as_a_laptop(
    tmp_path: Path, state_dir: Path, farm: ServedFarm
) -> None:
    elsewhere = write_targets(tmp_path / "elsewhere")
    (tmp_path / "suites").mkdir()
    suite = write_suite(tmp_path / "suites" / "s.yaml")
    args = ["run", suite, "--targets", str(elsewhere), "--target", "rude", "--target", "polite"]

    there = run_command([*args, "--farm", farm.url], state_dir, MCPF_KEY=farm.key)
    gold = run_command(
        ["run", suite, "--targets", str(elsewhere), "--label", "tier=gold", "--farm", farm.url],
        state_dir,
        MCPF_KEY=farm.key,
    )

    assert (there.exit_code, outcomes(there)) == (1, {RUDE: "failed", POLITE: "passed"}), there.stderr
    assert (gold.exit_code, outcomes(gold)) == (0, {POLITE: "passed"}), gold.stderr


def test_list_and_validate_agree_with_run(tmp_path: Path, state_dir: Path) -> None:
    write_targets(tmp_path / "targets")
    suite = write_suite(tmp_path / "s.yaml", server=plain_server())
    none = write_suite(tmp_path / "none.yaml")

    listed = run_command(["list", suite, "--label", "tier=tin"], state_dir)
    unchosen = [run_command([command, none], state_dir) for command in ("validate", "list", "run")]

    assert listed.stdout.splitlines() == [RUDE]
    assert [done.exit_code for done in unchosen] == [2, 2, 2]
    told = f"{none}:1:1: nothing says which server to test; give 'server', 'target' or 'targets', or choose with"
    assert all(told in done.stderr and "there are 'polite', 'rude'" in done.stderr for done in unchosen)
    assert run_command(["validate", none, "--target", "rude"], state_dir).exit_code == 0


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--target", "polit"], "no target 'polit'; nearest: 'polite'"),
        (["--label", "tier=iron"], "no target has label 'tier=iron'; labels there are: 'tier=gold', 'tier=tin'"),
        (["--label", "tier"], "expected KEY=VALUE, got 'tier'"),
    ],
)
def test_a_target_that_is_not_there_ends_with_two_and_what_comes_near(
    tmp_path: Path, state_dir: Path, asked: list[str], told: str
) -> None:
    write_targets(tmp_path / "targets")
    done = run_command(["run", write_suite(tmp_path / "s.yaml", target="polite"), *asked], state_dir)
    assert (done.exit_code, told in done.stderr) == (2, True), done.stderr


def test_targets_are_listed_without_their_environments(tmp_path: Path, state_dir: Path) -> None:
    write_targets(tmp_path / "targets")

    shown = run_command(["targets", str(tmp_path)], state_dir)
    as_json = run_command(["targets", str(tmp_path), "--label", "tier=gold", "--json"], state_dir)

    assert [line.split()[:3] for line in shown.stdout.splitlines()][1:] == [
        ["polite", "us", "tier=gold"],
        ["rude", "us", "tier=tin"],
    ]
    [target] = json.loads(as_json.stdout)["targets"]
    assert (target["name"], target["labels"], target["file"]) == (
        "polite",
        {"tier": "gold"},
        str(tmp_path / "targets" / "polite.yaml"),
    )
    assert "hello" not in as_json.stdout + shown.stdout
