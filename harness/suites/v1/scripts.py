"""`custom_scripts` of a v1 case → `scripts` of a test."""

import re

from harness.models.script import Language
from harness.suites.tree import Entry, MapNode, node_of
from harness.suites.v1.carry import Becomes, Table, carry
from harness.suites.v1.nodes import Mapped, mappings_at, text
from harness.suites.v1.notes import Notes

ENGINES = {"node": "javascript", "nodejs": "javascript", "js": "javascript", "python3": "python", "py": "python"}
ENDINGS = {"py": Language.PYTHON, "js": Language.JAVASCRIPT, "mjs": Language.JAVASCRIPT, "lua": Language.LUA}
_FILE = re.compile(rf"[\w./-]{{1,200}}\.({'|'.join(ENDINGS)})", re.ASCII)


def scripts_of(entry: Entry, notes: Notes) -> list[MapNode]:
    """The scripts of a list."""
    return [_script(node, notes) for node in mappings_at(entry, "custom_scripts", notes)]


def _script(node: MapNode, notes: Notes) -> MapNode:
    script = Mapped(node.mark)
    carry(node, SCRIPT, script, notes)
    if not (script.has("file") or script.has("source")):
        notes.wrong(node.mark, "custom_scripts", "need a 'script' in each item: a path, or the text itself")
    if file := _FILE.fullmatch(text(script.value("file"))):
        script.say("language", ENDINGS[file[1]], node.mark)
    return script.node()


def _put_script(entry: Entry, script: Mapped, notes: Notes) -> None:
    """A path or the text itself, in one key: a path is one word that ends as files of scripts do."""
    script.put("file" if _FILE.fullmatch(text(entry.node)) else "source", entry, notes)


def _put_language(entry: Entry, script: Mapped, notes: Notes) -> None:
    word = text(entry.node).lower()
    script.put("language", Entry(entry.key_mark, node_of(ENGINES.get(word, word), entry.node.mark)), notes)


_SAME = ("name", "description", "params", "expected_exit_code", "min_score", "env", "required", "working_dir")
SCRIPT = Table(
    "test_suites[].test_cases[].expected.custom_scripts[]",
    {
        **{key: Becomes(key) for key in _SAME},
        "script": Becomes("file or source", _put_script),
        "path": Becomes("file"),
        "content": Becomes("source"),
        "language": Becomes("language", _put_language),
        "engine": Becomes("language", _put_language),
        "timeout_seconds": Becomes("timeout_seconds"),
    },
    "custom_scripts",
)
