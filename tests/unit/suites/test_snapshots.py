"""Where snapshots are, and which suites have any."""

import pytest

from harness.errors import SuiteErrors
from harness.suites.confined import is_inside
from harness.suites.load import load_suite
from harness.suites.snapshots import folder_of, path_of, takes_snapshots

SUITE = "name: s\nserver: {command: c}\ntools: [{name: t, tests: [{name: a, expected: EXPECTED, steps: [STEP]}]}]\n"


@pytest.mark.parametrize(
    ("label", "name", "path"),
    [
        ("", True, "f/t/a.json"),
        ("", "mine", "f/t/a.mine.json"),
        ("step 2", True, "f/t/a.step-2.json"),
        ("step 2 (log in)", True, "f/t/a.step-2.json"),
        ("step 2 (log in)", "mine", "f/t/a.mine.json"),
    ],
)
def test_a_path_names_test_and_step(label: str, name: str | bool, path: str) -> None:
    assert path_of("f", "p/s/target/t/a", label, name) == path


def test_long_names_stay_apart_and_are_files() -> None:
    one, other = (path_of("f", f"p/s/t/{'v' * 300}{end}", "", True) for end in "ab")
    assert one != other
    assert is_inside(one)


def test_the_suites_of_one_file_have_folders_of_their_own() -> None:
    assert [folder_of("x/s.yaml", part) for part in ("", "One two")] == ["__snapshots__/s", "__snapshots__/s.One-two"]


@pytest.mark.parametrize(
    ("expected", "step", "takes"),
    [
        ("{}", "{tool: t}", False),
        ("{snapshot: true}", "{tool: t}", True),
        ("{}", "{tool: t, expected: {snapshot: x}}", True),
    ],
)
def test_suites_that_take_none_pack_none(expected: str, step: str, takes: bool) -> None:
    text = SUITE.replace("EXPECTED", expected).replace("STEP", step)
    assert takes_snapshots(load_suite(text.encode(), "s.yaml").suite) is takes


def test_fixtures_have_none() -> None:
    fixture = "fixtures: [{name: f, setup: [{tool: t, expected: {snapshot: true}}]}]\n"
    with pytest.raises(SuiteErrors, match=r"s\.yaml:4:51: a fixture has no snapshot; compare in the steps of a test"):
        load_suite((SUITE.replace("EXPECTED", "{}").replace("STEP", "{tool: t}") + fixture).encode(), "s.yaml")
