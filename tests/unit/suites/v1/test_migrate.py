"""Files of the v1 format as text of ours: golden pairs, and the same tests are planned from both."""

import os
from pathlib import Path

import pytest

from harness.errors import SuiteErrors, UsageError
from harness.models.job import Bundle, BundleFile, SuitePlan
from harness.models.target import Target, inline_target
from harness.suites.expand import Planning, plan_suite
from harness.suites.files import FolderFiles
from harness.suites.load import LoadedSuite, Loading, load_suites
from harness.suites.v1.migrate import Migration, migrate, sentence_of

GOLDEN = Path(__file__).with_name("golden")
PUBLIC = Path(__file__).resolve().parents[5] / "shared" / "suites" / "v1" / "database-mcp.yaml"


def migrated(file: Path) -> Migration:
    return migrate(file.read_bytes(), file.name, FolderFiles(file.parent))


def planned(loaded: LoadedSuite) -> SuitePlan:
    """A plan without what must differ: the file, its lines."""
    named = [file.source for file in loaded.suite.files if file.required]
    bundle = Bundle(
        suites=(loaded.file,), files=tuple(BundleFile(path=path, digest="d", size_bytes=1) for path in named)
    )
    server = loaded.suite.server
    target = Target(name="t", command="c") if server is None else inline_target(loaded.suite.name, server)
    plan = plan_suite(loaded, target, Planning(bundle, "p"), 0)
    tests = tuple(test.model_copy(update={"file": "", "line": 0}) for test in plan.tests)
    return plan.model_copy(update={"file": "", "tests": tests})


def plans_of_both(file: Path) -> tuple[list[SuitePlan], list[SuitePlan]]:
    loading = Loading(files=FolderFiles(file.parent))
    old = load_suites(file.read_bytes(), str(file), loading)
    new = [
        loaded
        for suite in migrated(file).suites
        for loaded in load_suites(suite.text.encode(), str(file.parent / suite.file), loading)
    ]
    at_root = [loaded.at(Path(loaded.file).name) for loaded in (*old, *new)]
    plans = [planned(loaded) for loaded in at_root]
    return plans[: len(old)], plans[len(old) :]


def golden_text(file: Path) -> str:
    """All suites of a file, and what is said of its keys."""
    migration = migrated(file)
    suites = [f"# ==== {suite.file}\n{suite.text}" for suite in migration.suites]
    said = [f"# {note.mark.line}: {sentence_of(note)}\n" for note in migration.notes]
    return "".join((*suites, "# ==== notes\n", *said))


@pytest.mark.parametrize("name", ["everything", "older-tools", "left-out"])
def test_a_file_becomes_the_text_that_lies_beside_it(name: str) -> None:
    modern = GOLDEN / f"{name}.modern.yaml"
    made = golden_text(GOLDEN / f"{name}.v1.yaml")
    if os.environ.get("UPDATE_GOLDEN"):
        modern.write_text(made)

    assert made == modern.read_text()


@pytest.mark.parametrize("name", ["everything", "older-tools"])
def test_the_same_tests_are_planned_from_the_old_file_and_from_the_new_ones(name: str) -> None:
    old, new = plans_of_both(GOLDEN / f"{name}.v1.yaml")

    assert new == old


@pytest.mark.skipif(not PUBLIC.is_file() and not os.environ.get("CI"), reason="the public suites are not here")
def test_the_same_tests_are_planned_from_the_public_suite_and_from_what_it_becomes() -> None:
    old, new = plans_of_both(PUBLIC)

    assert new == old
    assert sum(len(plan.tests) for plan in new) == 19


def test_a_file_of_the_modern_format_is_not_translated(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no 'test_suites'; only files of the v1 format are translated"):
        migrate(b"name: s\n", "s.yaml", FolderFiles(tmp_path))


def test_a_file_that_cannot_be_read_says_where(tmp_path: Path) -> None:
    with pytest.raises(SuiteErrors, match=r"s\.yaml:2:10: '\.\./b\.yaml' lies outside the folder that is run"):
        migrate(b"test_suites: []\nextends: ../b.yaml\n", "s.yaml", FolderFiles(tmp_path))
