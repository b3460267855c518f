"""Snapshots from the command line: taken once, kept beside the suite, compared from then on, here and on a farm."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.cli.farm import ServedFarm, served_farm
from tests.acceptance.command import Finished, run_command, write_suite
from tests.conftest import plain_server

HERE, CI = {"CI": ""}, {"CI": "true"}
PLACE = "__snapshots__/s/s/env/says.json"


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedFarm]:
    with served_farm(tmp_path_factory.mktemp("farm")) as served:
        yield served


def suite_of(folder: Path, answer: str, **expected: Any) -> Path:
    """One test of a server that answers `answer`."""
    test = {"name": "says", "input": {"name": "SAID"}, "expected": {"snapshot": True, **expected}}
    return write_suite(folder / "s.yaml", plain_server(SAID=answer), {"env": [test]})


def run(suite: Path, state_dir: Path, *more: str, **env: str) -> Finished:
    return run_command(["run", str(suite), *more], state_dir, **env)


def text_in(snapshot: Path) -> str:
    return str(json.loads(snapshot.read_text())["content"][0]["text"])


def test_it_is_taken_compared_and_accepted_anew(tmp_path: Path, state_dir: Path) -> None:
    kept = tmp_path / PLACE

    taken = run(suite_of(tmp_path, "one"), state_dir, **HERE)
    assert (taken.exit_code, text_in(kept)) == (0, "one"), taken.stderr
    assert f"snapshot     {kept}\n" in taken.stdout
    assert run(suite_of(tmp_path, "one"), state_dir, **CI).exit_code == 0

    other = run(suite_of(tmp_path, "two"), state_dir, **HERE)
    assert (other.exit_code, text_in(kept)) == (1, "one")
    assert '~ content[0].text  "one" .. "two"' in other.stdout
    assert "run with --update-snapshots to accept it" in other.stdout

    accepted = run(suite_of(tmp_path, "two"), state_dir, "--update-snapshots", "--json", **CI)
    assert (accepted.exit_code, text_in(kept)) == (0, "two")
    assert json.loads(accepted.stdout.splitlines()[-1])["snapshots"] == [str(kept)]
    assert "snapshot " not in run(suite_of(tmp_path, "two"), state_dir, "--update-snapshots").stdout


def test_one_that_is_missing_in_ci_is_a_failure_and_is_not_taken(tmp_path: Path, state_dir: Path) -> None:
    done = run(suite_of(tmp_path, "one"), state_dir, **CI)

    assert (done.exit_code, (tmp_path / PLACE).exists()) == (1, False)
    assert "run the test once outside CI to take it" in done.stdout


def test_none_is_taken_of_a_test_that_fails(tmp_path: Path, state_dir: Path) -> None:
    done = run(suite_of(tmp_path, "one", response_limits={"max_size_bytes": 1}), state_dir, **HERE)

    assert (done.exit_code, (tmp_path / PLACE).exists()) == (1, False), done.stdout


def test_one_with_a_secret_is_not_kept_and_that_is_said(tmp_path: Path, state_dir: Path) -> None:
    hidden = run(suite_of(tmp_path, "${secret:TOKEN}"), state_dir, MCPF_SECRET_TOKEN="c4n4ry-value", **HERE)
    assert (hidden.exit_code, (tmp_path / PLACE).exists()) == (0, False)
    assert hidden.report is not None and hidden.report.tests[0].warned
    assert "it holds a secret; add a redaction for it" in hidden.stdout

    redacted = [{"path": "$.content[0].text", "replace": "it"}]
    run(suite_of(tmp_path, "${secret:TOKEN}", redactions=redacted), state_dir, MCPF_SECRET_TOKEN="c4n4ry-value", **HERE)
    assert text_in(tmp_path / PLACE) == "it"


def test_the_path_of_the_sandbox_stands_there_as_suites_name_it(tmp_path: Path, state_dir: Path) -> None:
    for _ in range(2):
        assert run(suite_of(tmp_path, "in ${sandbox}/a"), state_dir, **HERE).exit_code == 0
    assert text_in(tmp_path / PLACE) == "in ${sandbox}/a"


def test_a_damaged_one_is_a_failure_that_names_the_remedy(tmp_path: Path, state_dir: Path) -> None:
    suite = suite_of(tmp_path, "one")
    (tmp_path / PLACE).parent.mkdir(parents=True)
    (tmp_path / PLACE).write_text("{")

    done = run(suite, state_dir, **HERE)

    assert (done.exit_code, (tmp_path / PLACE).read_text()) == (1, "{")
    assert "--update-snapshots" in done.stdout


def test_they_travel_to_a_farm_and_back(tmp_path: Path, state_dir: Path, farm: ServedFarm) -> None:
    there = ("--farm", farm.url)
    key = {"MCPF_KEY": farm.key, **HERE}

    taken = run(suite_of(tmp_path / "a" / "b", "one"), state_dir, *there, **key)
    assert (taken.exit_code, text_in(tmp_path / "a" / "b" / PLACE)) == (0, "one"), taken.stderr

    other = run_command(["run", str(suite_of(tmp_path / "a" / "b", "two").parents[1]), *there], state_dir, **key)
    assert '~ content[0].text  "one" .. "two"' in other.stdout, other.stdout


def test_every_step_and_variant_has_its_own(tmp_path: Path, state_dir: Path) -> None:
    test = {
        "name": "says",
        "matrix": {"n": [1, 2]},
        "input": {"text": "own ${matrix.n}"},
        "expected": {"snapshot": "last"},
        "steps": [
            {"tool": "echo", "input": {"text": "first ${matrix.n}"}, "expected": {"snapshot": True}},
            {"name": "b", "tool": "echo", "input": {"text": "second"}, "expected": {"snapshot": True}},
        ],
    }
    suite = write_suite(tmp_path / "s.yaml", plain_server(), {"echo": [test]})

    assert run(suite, state_dir, **HERE).exit_code == 0

    names = [f"says[n={n}].{part}.json" for n in (1, 2) for part in ("last", "step-1", "step-2")]
    assert sorted(file.name for file in (tmp_path / PLACE).parents[1].joinpath("echo").iterdir()) == names
    assert run(suite, state_dir, **CI).exit_code == 0
