"""Variables, matrices and parameters of a suite: written out, so that every test stands by itself. Trees in, tree out.

What comes out has every `${…}` of the loading filled in (`harness/templates.py`), one test for every combination, and
in each of those its own values as `variables` and `matrix`. Places stay those of the file.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod

from pydantic import JsonValue

from harness.expressions import text_of
from harness.suites.findings import Findings
from harness.suites.ids import params_text
from harness.suites.tree import Entry, Leaf, ListNode, MapNode, Mark, Node, node_of, plain
from harness.templates import LATER, Names, fill, has_places

MAX_VARIANTS = 1_000
"""Of one test."""
MAX_TESTS = 20_000
"""Of one suite, with all variants."""
SECTIONS = ("tools", "resources", "prompts", "methods")
FLOWS = "flows"
LITERAL = frozenset({"description", "metadata", "source", "setup_commands", "teardown_commands", "skip_if", "only_if"})
"""Keys below which nothing is filled in: prose, programs, and what is an expression anyway."""
Values = Mapping[str, JsonValue]


def unfold(root: Node, findings: Findings, environment: Mapping[str, str]) -> Node:
    """The suite written out. Problems go to `findings`; what they are about stays as it was."""
    if not isinstance(root, MapNode):
        return root
    return _Unfolding(root, findings, environment).suite()


class _Unfolding:
    def __init__(self, root: MapNode, findings: Findings, environment: Mapping[str, str]) -> None:
        self._root = root
        self._findings = findings
        self._tests_left = MAX_TESTS
        self._declared = _names(root)
        self._values = self._defined(root, dict(environment))
        self._matrix = _lists(self._given(root, "matrix"))

    def suite(self) -> Node:
        entries: dict[str, Entry] = {}
        for key, entry in self._root.entries.items():
            node = entry.node
            if key in SECTIONS:
                node = self._owners(node)
            elif key == FLOWS:
                node = self._tests(node)
            elif key not in ("matrix", "variables", *LITERAL):
                node = self._filled(node, self._values)
            entries[key] = Entry(entry.key_mark, node)
        _put(entries, "variables", {name: self._values[name] for name in self._declared}, self._root.mark)
        return MapNode(self._root.mark, entries, self._root.size)

    def _defined(self, node: MapNode, known: dict[str, JsonValue]) -> Values:
        """`known` and the `variables` of a mapping: each may use those before it."""
        given = node.entries.get("variables")
        if given is None or not isinstance(given.node, MapNode):
            return known
        for name, entry in given.node.entries.items():
            known[name] = plain(self._filled(entry.node, known))
        return known

    def _owners(self, node: Node) -> Node:
        if not isinstance(node, ListNode):
            return node
        return ListNode(node.mark, [self._owner(item) for item in node.items], node.size)

    def _owner(self, node: Node) -> Node:
        if not isinstance(node, MapNode):
            return node
        entries = {
            key: Entry(
                entry.key_mark,
                self._tests(entry.node)
                if key in ("tests", "test_cases")
                else entry.node
                if key in LITERAL
                else self._filled(entry.node, self._values),
            )
            for key, entry in node.entries.items()
        }
        return MapNode(node.mark, entries, node.size)

    def _tests(self, node: Node) -> Node:
        if not isinstance(node, ListNode):
            return node
        return ListNode(node.mark, [variant for item in node.items for variant in self._variants(item)], node.size)

    def _variants(self, node: Node) -> Iterator[Node]:
        if not isinstance(node, MapNode):
            yield node
            return
        combinations = self._combinations(node)
        self._tests_left -= len(combinations)
        if self._tests_left < 0:
            self._findings.error(node.mark, f"more than {MAX_TESTS:,} tests with all combinations", "split the suite")
            return
        for values in combinations:
            yield self._variant(node, values)

    def _combinations(self, node: MapNode) -> Sequence[Values]:
        matrix = {**self._matrix, **_lists(self._given(node, "matrix"))}
        rows = _rows(self._given(node, "parameters"))
        if prod(map(len, matrix.values())) * len(rows) > MAX_VARIANTS:
            self._findings.error(node.mark, f"more than {MAX_VARIANTS:,} combinations of one test", "split the test")
            return ()
        return [
            {**dict(zip(matrix, choice, strict=True)), **row} for choice in product(*matrix.values()) for row in rows
        ]

    def _given(self, node: MapNode, key: str) -> JsonValue:
        """The value of a key, with the variables of the suite; null without it."""
        entry = node.entries.get(key)
        return plain(self._filled(entry.node, self._values)) if entry else None

    def _variant(self, node: MapNode, matrix: Values) -> Node:
        known: dict[str, JsonValue] = {**self._values, "matrix": dict(matrix)}
        values = self._defined(node, known)
        entries = {
            key: Entry(entry.key_mark, entry.node if key in LITERAL else self._filled(entry.node, values))
            for key, entry in node.entries.items()
            if not (key == "parameters" and isinstance(entry.node, ListNode))
        }
        declared = {*self._declared, *_names(node)}
        _put(entries, "variables", {name: values[name] for name in values if name in declared}, node.mark)
        _put(entries, "matrix", {name: [value] for name, value in matrix.items()}, node.mark)
        self._name(node, entries, matrix)
        return MapNode(node.mark, entries, node.size)

    def _name(self, node: MapNode, entries: dict[str, Entry], matrix: Values) -> None:
        """A name that does not use the values itself has them added."""
        entry, before = entries.get("name"), node.entries.get("name")
        if matrix and entry and before and isinstance(entry.node, Leaf) and entry.node is before.node:
            name = f"{text_of(entry.node.value)}{params_text(matrix)}"
            entries["name"] = Entry(entry.key_mark, Leaf(entry.node.mark, name, entry.node.size))

    def _filled(self, node: Node, values: Values) -> Node:
        """The same node where there is nothing to fill in below it."""
        match node:
            case Leaf(value=str() as text) if has_places(text):
                return self._filled_text(node, text, values)
            case ListNode(items=items):
                filled = [self._filled(item, values) for item in items]
                same = all(new is old for new, old in zip(filled, items, strict=True))
                return node if same else ListNode(node.mark, filled, node.size)
            case MapNode(entries=entries):
                return self._filled_members(node, entries, values)
        return node

    def _filled_members(self, node: MapNode, entries: Mapping[str, Entry], values: Values) -> Node:
        filled = {
            key: entry.node if key in LITERAL else self._filled(entry.node, values) for key, entry in entries.items()
        }
        if all(filled[key] is entry.node for key, entry in entries.items()):
            return node
        return MapNode(node.mark, {key: Entry(entries[key].key_mark, new) for key, new in filled.items()}, node.size)

    def _filled_text(self, node: Leaf, text: str, values: Values) -> Node:
        try:
            return node_of(fill(text, Names(values, later=LATER)), node.mark)
        except ValueError as problem:
            hint = "give it in 'variables'; a variable of the environment must be allowed (MCPF_ALLOWED_ENV)"
            self._findings.error(node.mark, str(problem), hint if "there is no" in str(problem) else "")
            return node


def _names(node: MapNode) -> tuple[str, ...]:
    """The variables that a mapping gives."""
    given = node.entries.get("variables")
    return tuple(given.node.entries) if given and isinstance(given.node, MapNode) else ()


def _lists(value: JsonValue) -> dict[str, Sequence[JsonValue]]:
    """A mapping of lists; what is something else is left to the validation."""
    if not isinstance(value, dict) or not all(isinstance(choices, list) and choices for choices in value.values()):
        return {}
    return {name: choices for name, choices in value.items() if isinstance(choices, list)}


def _rows(value: JsonValue) -> Sequence[Values]:
    """The mappings of `parameters`; a single empty one without them."""
    rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
    return rows or [{}]


def _put(entries: dict[str, Entry], key: str, values: Values, mark: Mark) -> None:
    if values:
        place = entries[key].key_mark if key in entries else mark
        entries[key] = Entry(place, node_of(dict(values), place))
