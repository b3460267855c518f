"""A v1 test case → a test, and what it stands below: a tool, another request, or nothing when it is steps alone."""

from dataclasses import dataclass

from harness.models.method import Method
from harness.suites.tree import Entry, MapNode, node_of
from harness.suites.v1.carry import Becomes, Defers, Table, carry
from harness.suites.v1.conditions import expression_of
from harness.suites.v1.expected import ACCEPTS_ALL, BESIDE, put_expected
from harness.suites.v1.limits import put_limits
from harness.suites.v1.nodes import Mapped, text
from harness.suites.v1.notes import Notes
from harness.suites.v1.pairs import paired
from harness.suites.v1.steps import is_method, put_steps
from harness.suites.v1.stored import with_names_of_steps

INITIALIZE = Method.INITIALIZE.value
REVISION = "protocolVersion"


@dataclass(frozen=True)
class Case:
    """A translated case. `owner` is a tool or a method; empty for one that consists of steps."""

    section: str
    owner: str
    test: MapNode
    revision: Entry | None = None
    """The revision of the protocol that it asks the server for."""


def case_of(node: MapNode, notes: Notes) -> Case:
    """The test that a case means."""
    entries = dict(node.entries)
    tool = entries.pop("tool_name", None) or entries.pop("tool", None)
    owner = text(tool.node) if tool else ""
    section = "methods" if is_method(owner) else "tools" if owner else "flows"
    if tool:
        notes.translated(tool.key_mark, "tool_name", f"{section}[].name")
        if not owner:
            notes.wrong(tool.node.mark, "tool_name", "must be the name of a tool, or a method such as tools/list")
    test = Mapped(node.mark)
    revision = _take_revision(owner, entries, notes)
    beside = {key: entries.pop(key) for key in BESIDE if key in entries}
    expected = entries.pop("expected", None)
    carry(MapNode(node.mark, entries), CASE, test, notes)
    put_expected(expected, beside, test, notes, of_tool=section == "tools")
    return Case(section, owner, with_names_of_steps(paired(test.node(), notes)), revision)


def _take_revision(owner: str, entries: dict[str, Entry], notes: Notes) -> Entry | None:
    """What a case sends with `initialize` is said when a session begins: the revision can be chosen, nothing else."""
    params = next((entries[key] for key in ("input_params", "input", "parameters") if key in entries), None)
    if owner != INITIALIZE or params is None or not isinstance(params.node, MapNode):
        return None
    given = dict(params.node.entries)
    revision = given.pop(REVISION, None)
    if revision is not None:
        notes.translated(revision.key_mark, f"input_params.{REVISION}", "server.protocol_version")
    for key, entry in given.items():
        notes.deferred(
            entry.node, entry.key_mark, f"input_params.{key}", "is not sent: sessions begin in their own way"
        )
    for key in ("input_params", "input", "parameters"):
        entries.pop(key, None)
    return revision


def put_condition(entry: Entry, into: Mapped, notes: Notes, key: str) -> None:
    """A condition in the words of our expressions."""
    written = text(entry.node)
    node = node_of(expression_of(written), entry.node.mark) if written else entry.node
    into.put(key, Entry(entry.key_mark, node), notes)


def put_skip_if(entry: Entry, into: Mapped, notes: Notes) -> None:
    """As a condition to skip."""
    put_condition(entry, into, notes, "skip_if")


def put_only_if(entry: Entry, into: Mapped, notes: Notes) -> None:
    """As a condition to run."""
    put_condition(entry, into, notes, "only_if")


def _put_name(entry: Entry, into: Mapped, notes: Notes) -> None:
    """A case may have an id and a name: the id is what others call it by."""
    if into.has("name") and not into.has("description"):
        into.put("description", entry, notes)
    else:
        into.put("name", entry, notes)


def _put_calls(entry: Entry, into: Mapped, notes: Notes, key: str) -> None:
    into.mapping("performance", entry.key_mark).put(key, entry, notes)


def _put_iterations(entry: Entry, into: Mapped, notes: Notes) -> None:
    _put_calls(entry, into, notes, "iterations")


def _put_concurrency(entry: Entry, into: Mapped, notes: Notes) -> None:
    _put_calls(entry, into, notes, "concurrency")


def _put_setup(entry: Entry, into: Mapped, notes: Notes) -> None:
    put_steps(entry, into, notes, "setup")


def _put_own_steps(entry: Entry, into: Mapped, notes: Notes) -> None:
    put_steps(entry, into, notes, "steps")


def _put_cleanup(entry: Entry, into: Mapped, notes: Notes) -> None:
    put_steps(entry, into, notes, "cleanup")


_SAME = ("description", "enabled", "priority", "skip", "tags", "variables", "matrix")
CASE = Table(
    "test_suites[].test_cases[]",
    {
        "id": Becomes("name"),
        "name": Becomes("name", _put_name),
        **{key: Becomes(key) for key in _SAME},
        "input_params": Becomes("input"),
        "input": Becomes("input"),
        "parameters": Becomes("input"),
        "timeout_override_seconds": Becomes("timeout_seconds"),
        "timeout_seconds": Becomes("timeout_seconds"),
        "depends_on": Becomes("dependencies"),
        "dependencies": Becomes("dependencies"),
        "skip_if": Becomes("skip_if", put_skip_if),
        "skip_condition": Becomes("skip_if", put_skip_if),
        "only_if": Becomes("only_if", put_only_if),
        "setup_steps": Becomes("setup", _put_setup),
        "steps": Becomes("steps", _put_own_steps),
        "cleanup_steps": Becomes("cleanup", _put_cleanup),
        "performance": Becomes("performance", put_limits),
        "iterations": Becomes("performance.iterations", _put_iterations),
        "concurrency": Becomes("performance.concurrency", _put_concurrency),
        "max_retries": Defers("does not act for a single test: give 'retry' to its suite"),
        "debug_response": Defers("is not needed: answers of tests that do not pass are kept"),
        "data_source": Defers(),
        "stream_input": Defers(),
        "skip_auth": Defers(),
        "auth_token": Defers(),
        "allow_any_response": ACCEPTS_ALL,
    },
)
"""All keys of a case but `tool_name`, `expected` and those of `BESIDE`, which say together what it is."""
