"""Steps of a v1 case → steps of a test."""

from harness.models.method import Method
from harness.suites.tree import Entry, ListNode, MapNode
from harness.suites.v1.carry import Becomes, Table, carry
from harness.suites.v1.expected import BESIDE, put_expected
from harness.suites.v1.nodes import Mapped, mappings_at, text
from harness.suites.v1.notes import Notes

METHODS = frozenset(method.value for method in Method if method is not Method.CALL_TOOL)


def is_method(name: str) -> bool:
    """Whether what a case calls a tool is another request."""
    return name in METHODS


def put_steps(entry: Entry, test: Mapped, notes: Notes, key: str) -> None:
    """Write the steps of a list below `key` of a test."""
    steps = [_step(node, notes) for node in mappings_at(entry, key, notes)]
    test.put(key, Entry(entry.key_mark, ListNode(entry.node.mark, list(steps))), notes)


def _step(node: MapNode, notes: Notes) -> MapNode:
    entries = dict(node.entries)
    beside = {key: entries.pop(key) for key in BESIDE if key in entries}
    expected = entries.pop("expected", None)
    step = Mapped(node.mark)
    carry(MapNode(node.mark, entries), STEP, step, notes)
    put_expected(expected, beside, step, notes, of_tool=step.has("tool"))
    _refuse_what_tests_have_alone(step, node, notes)
    return step.node()


def _refuse_what_tests_have_alone(step: Mapped, node: MapNode, notes: Notes) -> None:
    for key in ("scripts", "performance"):
        if step.has(key):
            notes.wrong(node.mark, "steps", f"have no {key} of their own: write them below the case")


def _put_tool(entry: Entry, step: Mapped, notes: Notes) -> None:
    step.put("method" if is_method(text(entry.node)) else "tool", entry, notes)


STEP = Table(
    "test_suites[].test_cases[].steps[]",
    {
        "tool": Becomes("tool or method", _put_tool),
        "tool_name": Becomes("tool or method", _put_tool),
        "name": Becomes("name"),
        "description": Becomes("name"),
        "params": Becomes("input"),
        "input_params": Becomes("input"),
        "input": Becomes("input"),
        "store_result_as": Becomes("store_result_as"),
    },
    "steps",
)
"""Those of `setup_steps` and `cleanup_steps`, too; besides what a case may expect."""
