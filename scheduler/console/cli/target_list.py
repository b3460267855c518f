"""What `targets` does: look for targets as `run` would, and show each as one line. Environments are never shown."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.errors import UsageError
from harness.safe_text import one_line
from harness.suites.load import Loading, common_folder, find_suites
from harness.targets.choose import select_targets
from harness.targets.find import load_targets, shown_folders, target_folders
from harness.targets.read import LoadedTarget
from scheduler.console.cli.json_output import as_json
from scheduler.console.cli.prepare import target_selection_of
from scheduler.console.cli.settings import read_settings
from scheduler.console.cli.table import in_columns

HEAD = ("target", "version", "owner", "labels", "server", "file")
MAX_CELL, MAX_COMMAND = 60, 100


def show_targets(given: argparse.Namespace) -> None:
    """Print the targets, as a table or as one JSON object. SuiteErrors or UsageError for what is wrong with them."""
    loading = Loading(given.lenient, environment=read_settings().suite_environment, target_folders=tuple(given.targets))
    folders = target_folders(common_folder(given.paths), _looked_from(given.paths), loading.target_folders)
    targets = select_targets(load_targets(folders, loading), target_selection_of(given))
    if given.json:
        print(as_json(targets=[_entry(loaded) for loaded in targets]))
    elif targets:
        print("\n".join(target_lines(targets)))
    else:
        print(f"no targets: {shown_folders(folders)}", file=sys.stderr)


def target_lines(targets: Sequence[LoadedTarget]) -> Iterator[str]:
    """A head and one line per target, in columns; safe to print. Pure."""
    return in_columns(HEAD, [_cells(loaded) for loaded in targets])


def _looked_from(paths: Sequence[Path]) -> list[Path]:
    """The suites below these paths, and the folders themselves, as if a suite were there."""
    looked: list[Path] = []
    for path in paths:
        if path.is_dir():
            looked.append(path / "suite.yaml")
        try:
            looked.extend(find_suites([path]))
        except UsageError:
            if not path.is_dir():
                raise
    return looked


def _cells(loaded: LoadedTarget) -> tuple[str, ...]:
    target = loaded.target
    labels = " ".join(f"{key}={value}" for key, value in target.labels.items())
    cells = (target.name, target.version, target.owner, labels)
    return (*(one_line(cell, MAX_CELL) for cell in cells), one_line(target.text, MAX_COMMAND), loaded.file)


def _entry(loaded: LoadedTarget) -> dict[str, object]:
    target = loaded.target
    kept = {"name", "version", "owner", "description", "labels", "install", "requires", "secrets"}
    told = target.model_dump(mode="json", include=kept)
    return {**told, "server": target.text, "file": loaded.file}
