"""Commands and programs that a v1 file runs before and after its tests → commands of a suite, from several places."""

import shlex

from harness.suites.tree import Entry, ListNode, node_of
from harness.suites.v1.carry import Becomes, Defers, Table, carry
from harness.suites.v1.nodes import Mapped, mapping_at, text
from harness.suites.v1.notes import Notes

COMMANDS = ("setup_commands", "teardown_commands")
RUNNERS = {"py": "python3", "js": "node", "mjs": "node", "sh": "sh"}


def _put_script(entry: Entry, suite: Mapped, notes: Notes, key: str) -> None:
    """A program that is run before or after: one of the commands."""
    path = text(entry.node)
    if not path:
        notes.wrong(entry.node.mark, key, "must be the path of a script")
        return
    runner = RUNNERS.get(path.rsplit(".", 1)[-1])
    words = [runner, path] if runner else [path if "/" in path else f"./{path}"]
    suite.add(key.replace("script", "commands"), [node_of(shlex.join(words), entry.node.mark)], entry.key_mark)


def put_setup_script(entry: Entry, suite: Mapped, notes: Notes) -> None:
    """A program before the tests."""
    _put_script(entry, suite, notes, "setup_script")


def put_teardown_script(entry: Entry, suite: Mapped, notes: Notes) -> None:
    """A program after the tests."""
    _put_script(entry, suite, notes, "teardown_script")


def put_setup(entry: Entry, suite: Mapped, notes: Notes) -> None:
    """`setup` of a suite, as older tools have it."""
    carry(mapping_at(entry, "setup", notes), SETUP, suite, notes)


def put_cleanup(entry: Entry, suite: Mapped, notes: Notes) -> None:
    """`cleanup` of a suite, likewise."""
    carry(mapping_at(entry, "cleanup", notes), CLEANUP, suite, notes)


def add_setup_commands(entry: Entry, suite: Mapped, notes: Notes) -> None:
    """Commands before, from several places."""
    _add_commands(entry, suite, notes, "setup_commands")


def add_teardown_commands(entry: Entry, suite: Mapped, notes: Notes) -> None:
    """Commands afterwards, likewise."""
    _add_commands(entry, suite, notes, "teardown_commands")


def _add_commands(entry: Entry, suite: Mapped, notes: Notes, key: str) -> None:
    if isinstance(entry.node, ListNode):
        suite.add(key, entry.node.items, entry.key_mark)
    else:
        suite.put(key, entry, notes)


SETUP = Table(
    "test_suites[].setup",
    {
        "commands": Becomes("setup_commands", add_setup_commands),
        **dict.fromkeys(("env", "working_dir", "timeout_seconds"), Defers()),
    },
    "setup",
)
CLEANUP = Table(
    "test_suites[].cleanup",
    {
        "commands": Becomes("teardown_commands", add_teardown_commands),
        "always_run": Defers("is not needed: commands of the end always run"),
        "timeout_seconds": Defers(),
    },
    "cleanup",
)
