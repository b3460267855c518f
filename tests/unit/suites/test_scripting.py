"""Scripts as an author writes them, and as they travel."""

from pathlib import PurePosixPath

from harness.models.job import Bundle, BundleFile
from harness.models.script import Language, Phase, PlannedScript, Script
from harness.models.server import Server
from harness.models.suite import Suite, TestCase, ToolTests
from harness.suites.scripting import planned_scripts, script_files

BUNDLE = Bundle(suites=("sub/s.yaml",), files=(BundleFile(path="sub/check.lua", digest="d", size_bytes=1),))


def suite(test: TestCase) -> Suite:
    named = Script(name="named", file="check.lua", language=Language.LUA, timeout_ms=250, min_score=0.5)
    return Suite(
        name="s",
        server=Server(command="c"),
        validation_scripts=(named, Script(name="other", source="2")),
        tools=(ToolTests(name="t", tests=(test,)),),
    )


def test_a_test_has_the_scripts_of_the_suite_that_it_names_and_then_its_own() -> None:
    own = Script(
        source="1",
        language=Language.JAVASCRIPT,
        execution_phase=Phase.BEFORE,
        required=False,
        timeout_seconds=3,
        expected_exit_code=7,
        params={"p": 1},
        env={"A": "b"},
        working_dir="w",
    )
    test = TestCase(name="a", validation_scripts=("named",), scripts=(own,))

    assert planned_scripts(suite(test), test, PurePosixPath("sub"), BUNDLE) == (
        PlannedScript(name="named", language=Language.LUA, digest="d", timeout_s=0.25, min_score=0.5),
        PlannedScript(
            name="script 1",
            language=Language.JAVASCRIPT,
            phase=Phase.BEFORE,
            required=False,
            source="1",
            timeout_s=3,
            expected_exit_code=7,
            params={"p": 1},
            env={"A": "b"},
            working_dir="w",
        ),
    )


def test_files_of_scripts_are_known_with_the_places_that_name_them() -> None:
    assert script_files(suite(TestCase(name="a"))) == ((("validation_scripts", 0), "check.lua"),)
