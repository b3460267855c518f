"""A v1 matrix of lists that belong together → `parameters`, one mapping for each of their places.

The documents of the format write `variables: {paths: [a, b], counts: [5, 50]}` and `matrix: {path: "${paths}", count:
"${counts}"}`, and mean the first with the first and the second with the second. A matrix that holds its lists itself
means every combination.
"""

import re
from collections.abc import Mapping

from harness.suites.tree import Entry, ListNode, MapNode, Node
from harness.suites.v1.nodes import text
from harness.suites.v1.notes import Notes

_NAME = re.compile(r"\$\{\s*(\w+)\s*\}")


def paired(test: MapNode, notes: Notes) -> MapNode:
    """The test with its matrix as pairs where its values are names of lists of one length."""
    matrix = test.entries.get("matrix")
    if matrix is None or not isinstance(matrix.node, MapNode) or not matrix.node.entries:
        return test
    lists = _named_lists(matrix.node, test)
    if lists is None:
        return test
    entries = {key: entry for key, entry in test.entries.items() if key != "matrix"}
    entries["parameters"] = Entry(matrix.key_mark, _rows(lists, matrix))
    if len(lists) > 1:
        notes.reading(matrix.key_mark, "matrix", "names lists of one length, which are read as pairs ('parameters')")
    return MapNode(test.mark, entries, test.size)


def _named_lists(matrix: MapNode, test: MapNode) -> Mapping[str, ListNode] | None:
    """What the names stand for; None when any value is something else, or the lengths differ."""
    given = test.entries.get("variables")
    variables = given.node.entries if given and isinstance(given.node, MapNode) else {}
    found: dict[str, ListNode] = {}
    for key, entry in matrix.entries.items():
        name = _NAME.fullmatch(text(entry.node))
        node = variables[name[1]].node if name and name[1] in variables else None
        if not isinstance(node, ListNode) or not node.items:
            return None
        found[key] = node
    return found if len({len(node.items) for node in found.values()}) == 1 else None


def _rows(lists: Mapping[str, ListNode], matrix: Entry) -> ListNode:
    length = len(next(iter(lists.values())).items)
    rows: list[Node] = [
        MapNode(matrix.node.mark, {key: Entry(matrix.key_mark, node.items[place]) for key, node in lists.items()})
        for place in range(length)
    ]
    return ListNode(matrix.node.mark, rows)
