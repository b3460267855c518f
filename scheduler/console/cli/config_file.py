"""Owns `--config FILE` of `run` and `validate`: which keys of the seed's configuration act today, and their checks.

What acts in `serve` only is checked by its own module (`config_nightly.py`) and changes nothing here.
Every other key is named with its line as not acting yet, never ignored in silence. Reads with the suites' bounded
reader: a configuration may come from anybody, too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import Problem, UsageError
from harness.models.suite import Retry
from harness.suites.findings import Findings, quoted
from harness.suites.read import MAX_BYTES, read_yaml
from harness.suites.tree import Entry, ListNode, MapNode, Node, kind_of, plain
from harness.suites.v1.translate import SUITES, is_v1
from scheduler.console.cli.arguments import FORMATS
from scheduler.console.cli.config_nightly import check_nightly
from scheduler.console.cli.config_reliability import read_breaker, read_retry
from scheduler.state.breaker import Terms

MAX_CONCURRENCY, MAX_RUN_LIMIT_S = 1024, 7 * 24 * 3600


@dataclass(frozen=True)
class FileSettings:
    """What a configuration file says of a run. None or empty: nothing said."""

    max_concurrency: int | None = None
    run_limit_s: float | None = None
    fail_fast: bool = False
    output_dir: Path | None = None
    formats: tuple[str, ...] = ()
    retry: Retry | None = None
    breaker: Terms | None = None
    deferred: tuple[Problem, ...] = ()


def read_config(path: Path) -> FileSettings:
    """The settings in a file. UsageError when it cannot be read, SuiteErrors with all its problems."""
    file = str(path)
    findings = Findings(file)
    root = read_yaml(_content(path), file)
    values = _acting_values(root, findings)
    findings.raise_errors()
    return FileSettings(**values, deferred=findings.deferred)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as source:
            return source.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}; give the path of a configuration file") from error


def _acting_values(root: Node, findings: Findings) -> dict[str, Any]:
    if not isinstance(root, MapNode):
        findings.error(root.mark, f"expected sections such as global: and reporting:, found {kind_of(plain(root))}")
        return {}
    values = {}
    for path, entry in _leaves(root, ()):
        if path in ELSEWHERE:
            ELSEWHERE[path](entry, findings)
            continue
        acting = ACTING.get(".".join(path))
        if acting is None:
            _defer(root, path, entry, findings)
            continue
        name, check = acting
        values[name] = check(entry, ".".join(path), findings)
    return values


def _defer(root: MapNode, path: tuple[str, ...], entry: Entry, findings: Findings) -> None:
    """Say that a key does not act here. In a file that holds suites, too, theirs are told once for each section."""
    if is_v1(root) and path[0] in OF_SUITES:
        findings.defer(root.entries[path[0]].key_mark, path[0], "is what its suites say: it acts where the file is run")
    else:
        findings.defer(entry.key_mark, ".".join(path))


def _leaves(node: MapNode, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Entry]]:
    """Every key that holds something other than a mapping, with its whole path."""
    for key, entry in node.entries.items():
        path = (*above, key)
        is_known = ".".join(path) in ACTING or path in ELSEWHERE
        if isinstance(entry.node, MapNode) and entry.node.entries and not is_known:
            yield from _leaves(entry.node, path)
        else:
            yield path, entry


def _concurrency(entry: Entry, key: str, findings: Findings) -> int | None:
    value = plain(entry.node)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_CONCURRENCY:
        return value
    findings.error(
        entry.node.mark, f"{key}: expected a whole number from 1 to {MAX_CONCURRENCY}, found {_shown(value)}"
    )
    return None


def _run_limit(entry: Entry, key: str, findings: Findings) -> float | None:
    value = plain(entry.node)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= MAX_RUN_LIMIT_S:
        return float(value)
    findings.error(entry.node.mark, f"{key}: expected seconds above 0, at most a week, found {_shown(value)}")
    return None


def _flag(entry: Entry, key: str, findings: Findings) -> bool:
    value = plain(entry.node)
    if isinstance(value, bool):
        return value
    findings.error(entry.node.mark, f"{key}: expected true or false, found {_shown(value)}")
    return False


def _directory(entry: Entry, key: str, findings: Findings) -> Path | None:
    value = plain(entry.node)
    if isinstance(value, str) and value and "\0" not in value:
        return Path(value)
    findings.error(entry.node.mark, f"{key}: expected a path, found {_shown(value)}")
    return None


def _formats(entry: Entry, key: str, findings: Findings) -> tuple[str, ...]:
    if not isinstance(entry.node, ListNode):
        findings.error(
            entry.node.mark, f"{key}: expected a list such as [json, junit], found {_shown(plain(entry.node))}"
        )
        return ()
    names = []
    for item in entry.node.items:
        name = plain(item)
        if name in FORMATS:
            names.append(str(name))
        else:
            hint = findings.did_you_mean(str(name), FORMATS)
            findings.error(item.mark, f"{key}: unknown format {_shown(name)}", hint or f"known: {', '.join(FORMATS)}")
    return tuple(dict.fromkeys(names))


def _shown(value: object) -> str:
    return quoted(value) if isinstance(value, str) else str(value) if isinstance(value, int | float) else kind_of(value)


ACTING: dict[str, tuple[str, Callable[[Entry, str, Findings], Any]]] = {
    "global.max_global_concurrency": ("max_concurrency", _concurrency),
    "global.global_timeout_seconds": ("run_limit_s", _run_limit),
    "global.fail_fast": ("fail_fast", _flag),
    "global.retry": ("retry", read_retry),
    "server.health_check": ("breaker", read_breaker),
    "reporting.output_dir": ("output_dir", _directory),
    "reporting.formats": ("formats", _formats),
}
"""Key of the file → field of FileSettings and the check that reads it."""

OF_SUITES = frozenset({SUITES, "server", "environment", "variables", "setup_commands", "teardown_commands"})
"""Sections of a v1 file that say what is tested."""

ELSEWHERE: dict[tuple[str, ...], Callable[[Entry, Findings], None]] = {("nightly",): check_nightly}
"""Key of the file that acts in `serve` → its check."""
