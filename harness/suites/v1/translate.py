"""A file of the v1 format → suites of the modern one. Trees in, trees out; every place stays that of the file.

The format is that of the seed's documents: `global`, `server`, `environment`, `test_suites`, and sections that
configure the farm rather than say what is tested. Each of its suites is one of ours, with what stands beside them.
Nothing is passed over in silence: what does not act is noted, with its reason.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from harness.suites.tree import Entry, ListNode, MapNode, Mark, Node, node_of
from harness.suites.v1.beside import is_relative, paths_in
from harness.suites.v1.carry import Becomes, Defers, Table, Treatment, carry
from harness.suites.v1.cases import Case, case_of
from harness.suites.v1.commands import COMMANDS, add_setup_commands, add_teardown_commands
from harness.suites.v1.configuration import SECTIONS, treatments
from harness.suites.v1.nodes import Mapped, mapping_at, mappings_at, text
from harness.suites.v1.notes import Note, Notes
from harness.suites.v1.private_tmp import with_private_tmp
from harness.suites.v1.server import put_environment, put_server
from harness.suites.v1.suites import SUITE, put_global

SUITES, CASES, FLOWS = "test_suites", "test_cases", "flows"
ENVIRONMENT_NAME = "environment"
_ENVIRONMENT = re.compile(rf"(?<![\w.]){ENVIRONMENT_NAME}\b")
MAX_FILES = 200
MAX_SUITES = 500
MAX_COPIED = 8_000_000
"""Characters and values that stand beside the suites, times the suites: each of them has its own."""
MAX_READ_CHARACTERS, MAX_READ_LINES = 10_000, 20
"""Of the commands in which paths are looked for."""


@dataclass(frozen=True)
class Part:
    """One suite of a file. `name` tells it from others there may be; empty where a file can hold but one."""

    name: str
    root: Node


@dataclass(frozen=True)
class Translated:
    """What became of a file."""

    parts: tuple[Part, ...]
    notes: tuple[Note, ...]


def is_v1(root: Node) -> bool:
    """Whether a file is of the v1 format."""
    return isinstance(root, MapNode) and SUITES in root.entries


def translate(root: MapNode) -> Translated:
    """The suites of a v1 file, in its order."""
    notes = Notes()
    shared = Mapped(root.mark)
    carry(MapNode(root.mark, {key: entry for key, entry in root.entries.items() if key != SUITES}), FILE, shared, notes)
    suites = root.entries[SUITES]
    listed = mappings_at(suites, SUITES, notes)
    if isinstance(suites.node, ListNode) and not suites.node.items:
        notes.wrong(suites.node.mark, SUITES, "must hold at least one suite")
    _refuse_equal_names(listed, notes)
    if _is_too_large(root, len(listed)):
        said = f"are too many for one file: {MAX_SUITES} at most, fewer with much beside them; split it"
        notes.wrong(suites.key_mark, SUITES, said)
        return Translated((), notes.all)
    if "server" not in root.entries:
        shared.remove("server")  # targets are chosen: what they are started with is theirs
    parts = tuple(_part(node, shared.node(), notes) for node in listed)
    return Translated(parts, notes.all)


def _is_too_large(root: MapNode, suites: int) -> bool:
    """Whether what stands beside the suites, once for each of them, would be too much."""
    beside = [entry.node.size for key, entry in root.entries.items() if key != SUITES]
    copied = sum(size.characters + size.nodes for size in beside)
    return suites > MAX_SUITES or copied * suites > MAX_COPIED


def _refuse_equal_names(suites: Sequence[MapNode], notes: Notes) -> None:
    first: dict[str, MapNode] = {}
    for node in suites:
        name = _name_of(node)
        if name and (other := first.setdefault(name, node)) is not node:
            notes.wrong(
                node.entries["name"].node.mark, name, f"is the name of the suite on line {other.mark.line}, too"
            )


def _name_of(node: MapNode) -> str:
    return text(node.entries["name"].node) if "name" in node.entries else ""


def _part(node: MapNode, shared: MapNode, notes: Notes) -> Part:
    suite = Mapped(node.mark)
    carry(node, SUITE, suite, notes)
    cases = [case_of(item, notes) for item in _cases(node, notes)]
    for key, entry in shared.entries.items():
        suite.default(key, entry)
    _put_variables_of_file_first(suite, shared)
    _say_environment(suite, cases)
    suite.say("isolation", "suite", node.mark)
    _put_revision(suite, cases, notes)
    if "server" not in shared.entries:
        suite.remove("server")
    _put_files(suite, node.mark)
    _put_cases(suite, cases)
    return Part(_name_of(node), with_private_tmp(suite.node(), notes))


def _cases(node: MapNode, notes: Notes) -> list[MapNode]:
    if CASES not in node.entries:
        notes.wrong(node.mark, CASES, "are missing")
        return []
    return mappings_at(node.entries[CASES], CASES, notes)


def _put_variables_of_file_first(suite: Mapped, shared: MapNode) -> None:
    """A variable may use those before it: those of a suite use those of its file."""
    both, of_file = suite.value("variables"), shared.entries.get("variables")
    if isinstance(both, MapNode) and of_file is not None and isinstance(of_file.node, MapNode):
        ordered = {name: both.entries[name] for name in (*of_file.node.entries, *both.entries)}
        suite.replace("variables", Entry(of_file.key_mark, MapNode(both.mark, ordered)))


def _say_environment(suite: Mapped, cases: Sequence[Case]) -> None:
    """Conditions may ask for `environment`, which is `development` where a file does not say."""
    owners = [suite.node(), *(case.test for case in cases)]
    conditions = [owner.entries[key] for owner in owners for key in ("skip_if", "only_if") if key in owner.entries]
    for entry in (entry for entry in conditions if _ENVIRONMENT.search(text(entry.node))):
        suite.mapping("variables", entry.key_mark).say(ENVIRONMENT_NAME, "development", entry.key_mark)


def _put_revision(suite: Mapped, cases: Sequence[Case], notes: Notes) -> None:
    """One revision for all sessions of the suite: the first that a case asks for."""
    asked = [case.revision for case in cases if case.revision is not None]
    for revision in asked[:1]:
        suite.mapping("server", revision.key_mark).default("protocol_version", revision)
    for revision in asked[1:]:
        if text(revision.node) != text(asked[0].node):
            first = f"a suite offers one revision, here the one of line {asked[0].node.mark.line}"
            notes.wrong(revision.node.mark, "protocolVersion", f"differs: {first}; give the case to another suite")


def _put_files(suite: Mapped, mark: Mark) -> None:
    """What the server and the commands name beside the file travels with it, when it is there."""
    server = suite.value("server")
    members = server.entries if isinstance(server, MapNode) else {}
    folder = text(members["working_dir"].node) if "working_dir" in members else ""
    found = [folder.rstrip("/")] if folder.strip("./") and is_relative(folder) else []
    if not found:
        found += paths_in([line for key in ("command", "args") for line in _lines(members.get(key))])
    found += paths_in([line for key in COMMANDS for line in _lines(suite.entry(key))])
    for path in dict.fromkeys(found[:MAX_FILES]):
        suite.add("files", [node_of({"source": path, "required": False}, mark)], mark)


def _lines(entry: Entry | None) -> list[str]:
    """The texts of a list, or a single one."""
    node = entry.node if entry else None
    listed = node.items[:MAX_READ_LINES] if isinstance(node, ListNode) else [node]
    return [text(item)[:MAX_READ_CHARACTERS] for item in listed]


def _put_cases(suite: Mapped, cases: Sequence[Case]) -> None:
    """Tests below what they ask, in the order of the file: a tool stands there again after another one."""
    for (section, owner), run in groupby(cases, key=lambda case: (case.section, case.owner)):
        tests: list[Node] = [case.test for case in run]
        mark = tests[0].mark
        if section == FLOWS:
            suite.add(section, tests, mark)
            continue
        below = Mapped(mark)
        below.say("name", owner, mark)
        below.add("tests", tests, mark)
        suite.add(section, [below.node()], mark)


def _put_section(section: str, entry: Entry, suite: Mapped, notes: Notes) -> None:
    """A section that configures the farm: each key by its name."""
    table = Table(section, treatments(section), section)
    carry(mapping_at(entry, section, notes), table, Mapped(entry.key_mark), notes)


def _treatment_of(section: str) -> Treatment:
    return Becomes("", partial(_put_section, section)) if SECTIONS[section] else Defers()


_TUNING = ("auto_scaling", "request_batching", "memory_tracking", "dashboards", "tcp_optimization", "http_optimization")
FILE = Table(
    "",
    {
        "global": Becomes("", put_global),
        "server": Becomes("server", put_server),
        "environment": Becomes("", put_environment),
        "variables": Becomes("variables", lambda entry, suite, _: suite.default("variables", entry)),
        "setup_commands": Becomes("setup_commands", add_setup_commands),
        "teardown_commands": Becomes("teardown_commands", add_teardown_commands),
        **{section: _treatment_of(section) for section in SECTIONS},
        **dict.fromkeys(_TUNING, Defers()),
    },
)
"""The first level of a file, but for `test_suites`."""
