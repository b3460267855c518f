"""Where the files of a suite go in a sandbox: `files:` and a bundle → PlannedFiles. Pure: looks at no disk.

Sources are relative to the suite's folder, targets to the sandbox. A bundle may come from anybody: its paths and modes
are not believed.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from harness.models.job import Bundle, BundleFile, PlannedFile
from harness.models.suite import SandboxFile
from harness.suites.confined import is_inside
from harness.suites.findings import Findings, quoted
from harness.suites.load import LoadedSuite
from harness.suites.scripting import script_files
from harness.suites.tree import Mark


def plan_files(loaded: LoadedSuite, suite_path: str, bundle: Bundle) -> tuple[PlannedFile, ...]:
    """Every file of the suite with its place; raises SuiteErrors when one is missing or two want one place.

    Files of scripts have no place in a sandbox, but must be there.
    """
    findings = Findings(loaded.file)
    folder = PurePosixPath(suite_path).parent
    by_path = {file.path: file for file in bundle.files}
    planned: dict[str, PlannedFile] = {}
    marks: dict[str, Mark] = {}
    for number, named in enumerate(loaded.suite.files):
        mark = loaded.shape.spot_of(("files", number)).value
        found = list(_placed(named, str(folder / named.source), by_path))
        if not found and named.required:
            findings.error(mark, f"{quoted(named.source)} is not in the bundle")
        for file in found:
            marks.setdefault(file.target, mark)
            if not is_inside(file.target):
                findings.error(mark, f"{quoted(file.target)} does not stay inside the sandbox")
            if planned.setdefault(file.target, file) != file:
                findings.error(mark, f"two files go to {quoted(file.target)}", "change one target")
    for place, script in script_files(loaded.suite):
        if str(folder / script) not in by_path:
            findings.error(loaded.shape.spot_of((*place, "file")).value, f"{quoted(script)} is not in the bundle")
    folders = {str(parent) for target in planned for parent in PurePosixPath(target).parents}
    for target in sorted(folders.intersection(planned)):
        findings.error(marks[target], f"{quoted(target)} is a file and a folder in the sandbox", "change one target")
    findings.raise_errors()
    return tuple(planned.values())


def _placed(named: SandboxFile, source: str, by_path: Mapping[str, BundleFile]) -> Iterator[PlannedFile]:
    """The file at a source, or all below it when it is a folder."""
    target = PurePosixPath(named.source if named.target is None else named.target)
    if source in by_path:
        is_folder = named.target is not None and (named.target.endswith("/") or str(target) == ".")
        yield _at(target / PurePosixPath(source).name if is_folder else target, by_path[source])
        return
    start = "" if source == "." else f"{source}/"
    for path, file in by_path.items():
        if path.startswith(start):
            yield _at(target / path.removeprefix(start), file)


def _at(target: PurePosixPath, file: BundleFile) -> PlannedFile:
    return PlannedFile(target=str(target), digest=file.digest, mode=0o755 if file.mode & 0o100 else 0o644)
