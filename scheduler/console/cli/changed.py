"""Which suites a change of files concerns: what git says has changed since a commit, and what each suite is made of."""

import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path

from harness.errors import NothingSelected, UsageError
from harness.safe_text import one_line
from harness.suites.load import LoadedSuite
from harness.suites.scripting import script_files
from harness.suites.snapshots import folder_of, takes_snapshots

GIT_WITHIN_S = 30
MAX_MESSAGE = 300


def changed_suites(root: Path, suites: Sequence[LoadedSuite], reference: str) -> tuple[LoadedSuite, ...]:
    """The suites of which any file is not as it was at `reference`, files that git does not know included.

    Raises UsageError when git cannot tell, NothingSelected when nothing of them has changed.
    """
    changed = changed_files(root, reference)
    found = tuple(suite for suite in suites if _is_touched(root, suite, changed))
    if not found:
        raise NothingSelected(f"none of the {len(suites)} suites has changed since {one_line(reference, 80)}")
    return found


def changed_files(root: Path, reference: str) -> frozenset[Path]:
    """The files below `root`, absolute, that differ from `reference`, those that were removed included."""
    top = Path(_git(root, "rev-parse", "--show-toplevel").strip())
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}").strip()
    differing = _git(root, "diff", "--name-only", "-z", commit, "--", ".")
    unknown = _git(root, "ls-files", "--others", "--exclude-standard", "-z", "--full-name", "--", ".")
    return frozenset(top / name for name in (differing + unknown).split("\0") if name)


def _is_touched(root: Path, suite: LoadedSuite, changed: Collection[Path]) -> bool:
    own = Path(suite.file).resolve()
    named = [own, *(root / included.path for included in suite.included)]
    named += [own.parent / source for source in _sources(suite)]
    return any(path == file or file in path.parents for path in changed for file in named)


def _sources(suite: LoadedSuite) -> list[str]:
    scripts = [file for _, file in script_files(suite.suite)]
    snapshots = [folder_of(suite.file, suite.part)] if takes_snapshots(suite.suite) else []
    return [*(file.source for file in suite.suite.files), *scripts, *snapshots]


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=GIT_WITHIN_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"--changed-since needs git: {error}") from error
    if done.returncode:
        what = one_line(done.stderr, MAX_MESSAGE) or "it knows no such commit"
        raise UsageError(f"--changed-since: git {arguments[0]} in {folder}: {what}")
    return done.stdout
