"""Scripts of a suite and of its tests → as they travel. Pure."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from harness.models.job import Bundle
from harness.models.script import PlannedScript, Script
from harness.models.suite import Suite, TestCase
from harness.suites.confined import is_inside
from harness.suites.findings import Findings, quoted
from harness.suites.listing import list_tests
from harness.suites.shape import Path, Shape


def planned_scripts(suite: Suite, test: TestCase, folder: PurePosixPath, bundle: Bundle) -> tuple[PlannedScript, ...]:
    """The scripts of a test: those of the suite that it names, then its own."""
    digests = {file.path: file.digest for file in bundle.files}
    by_name = {script.name: script for script in suite.validation_scripts}
    named = [by_name[name] for name in test.validation_scripts]
    own = [_named(script, number) for number, script in enumerate(test.scripts, 1)]
    return tuple(_planned(script, folder, digests) for script in (*named, *own))


def script_files(suite: Suite) -> tuple[tuple[Path, str], ...]:
    """The files that scripts are in, and where the suite names them."""
    return tuple((path, script.file) for path, script in _all_scripts(suite) if script.file is not None)


def scripts_can_be_run(suite: Suite, shape: Shape, findings: Findings) -> None:
    """Each has a text or a file, and a name by which tests can call it; tests call those that there are."""
    names = [script.name for script in suite.validation_scripts]
    for place, script in _all_scripts(suite):
        _check(script, place, shape, findings)
    for number, name in enumerate(names):
        if not name or names.index(name) != number:
            mark = shape.spot_of(("validation_scripts", number)).value
            findings.error(mark, "a script of a suite needs a name of its own" if not name else f"{quoted(name)} twice")
    for listed in list_tests(suite):
        for number, name in enumerate(listed.test.validation_scripts):
            if name not in names:
                mark = shape.spot_of((*listed.place, "validation_scripts", number)).value
                findings.error(mark, f"there is no script {quoted(name)}", findings.did_you_mean(name, names))


def _check(script: Script, place: Path, shape: Shape, findings: Findings) -> None:
    if (script.source is None) == (script.file is None):
        findings.error(shape.spot_of(place).value, "a script has 'source' or 'file', one of them")
    elif script.file is not None and not is_inside(script.file):
        mark = shape.spot_of((*place, "file")).value
        findings.error(mark, f"{quoted(script.file)} does not stay inside its folder", "give a path without ..")


def _all_scripts(suite: Suite) -> Sequence[tuple[Path, Script]]:
    found: list[tuple[Path, Script]] = [
        (("validation_scripts", number), script) for number, script in enumerate(suite.validation_scripts)
    ]
    for listed in list_tests(suite):
        found += [((*listed.place, "scripts", number), script) for number, script in enumerate(listed.test.scripts)]
    return found


def _named(script: Script, number: int) -> Script:
    return script if script.name else script.model_copy(update={"name": f"script {number}"})


def _planned(script: Script, folder: PurePosixPath, digests: Mapping[str, str]) -> PlannedScript:
    return PlannedScript(
        name=script.name,
        language=script.language,
        phase=script.execution_phase,
        required=script.required,
        source=script.source or "",
        digest=digests.get(str(folder / script.file), "") if script.file else "",
        timeout_s=script.timeout_ms / 1000 if script.timeout_ms else script.timeout_seconds,
        min_score=script.min_score,
        expected_exit_code=script.expected_exit_code,
        params=script.params,
        env=script.env,
        working_dir=script.working_dir,
    )
