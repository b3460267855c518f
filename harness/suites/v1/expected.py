"""`expected` of a v1 case or step, and what stands beside it of errors → `expected` of a test, and its scripts.

Paths of the format look at what an answer carries, not at the answer: `subject: content`. Those of requests other
than calls of tools look at the result itself, which carries nothing.
"""

from collections.abc import Mapping

from harness.suites.tree import Entry, Mark
from harness.suites.v1.carry import Becomes, Defers, Refuses, Table, carry, obey
from harness.suites.v1.limits import put_limits
from harness.suites.v1.nodes import Mapped, mapping_at, mappings_at, said_of, text
from harness.suites.v1.notes import Notes
from harness.suites.v1.scripts import scripts_of
from harness.suites.v1.validation import field_of

OPTIONS = (
    "allow_extra_fields",
    "strict_mode",
    "ignore_order",
    "case_sensitive",
    "continue_on_validation_error",
    "max_validation_errors",
    "normalize_whitespace",
    "trim_strings",
    "convert_types",
)
ACCEPTS_ALL = Refuses(
    "a test that any answer satisfies proves nothing; say what must come back, or remove the test", unless=False
)


def put_expected(
    entry: Entry | None, beside: Mapping[str, Entry], test: Mapped, notes: Notes, *, of_tool: bool
) -> None:
    """Write into a test what a case expects: below `expected`, and in the keys beside it."""
    if entry is None and not beside:
        return
    made = _Expectation(entry.key_mark if entry else next(iter(beside.values())).key_mark)
    if entry is not None:
        carry(mapping_at(entry, "expected", notes), EXPECTED, made, notes)
    for key, other in beside.items():
        obey(BESIDE[key], key, other, made, notes)
    if of_tool and made.looks_at_paths:
        made.say("subject", "content", made.mark)
    made.write_into(test)


class _Expectation(Mapped):
    """What is expected; scripts and limits that the format has there belong to the test."""

    def __init__(self, mark: Mark) -> None:
        super().__init__(mark)
        self.mark = mark
        self.of_test = Mapped(mark)

    @property
    def looks_at_paths(self) -> bool:
        return any(self.has(key) for key in ("fields", "schema", "schema_file"))

    def write_into(self, test: Mapped) -> None:
        if self.node().entries:
            test.default("expected", Entry(self.mark, self.node()))
        for key, entry in self.of_test.node().entries.items():
            test.default(key, entry)


def _put_patterns(entry: Entry, into: Mapped, notes: Notes) -> None:
    fields = (field_of(node, notes) for node in mappings_at(entry, "patterns", notes))
    into.add("fields", [field for field in fields if field is not None], entry.key_mark)


def _put_scripts(entry: Entry, into: Mapped, notes: Notes) -> None:
    assert isinstance(into, _Expectation)
    into.of_test.add("scripts", scripts_of(entry, notes), entry.key_mark)


def _put_requirements(entry: Entry, into: Mapped, notes: Notes) -> None:
    assert isinstance(into, _Expectation)
    put_limits(entry, into.of_test, notes)


def _put_schema(entry: Entry, into: Mapped, notes: Notes) -> None:
    """Inline, or the path of a file."""
    into.put("schema_file" if text(entry.node) else "schema", entry, notes)


def _put_error(entry: Entry, into: Mapped, notes: Notes) -> None:
    """Several spellings, and keys that imply it: all may say the same."""
    if not into.has("error"):
        into.put("error", entry, notes)


def _put_code(entry: Entry, into: Mapped, notes: Notes) -> None:
    """A number is the code of JSON-RPC; a word is what the tool's own error says of itself."""
    into.say("error", True, entry.key_mark)
    if isinstance(said_of(entry.node), str) and not text(entry.node).startswith("${"):
        field = Mapped(entry.key_mark)
        field.say("path", "error.code", entry.key_mark)
        field.put("value", entry, notes)
        into.add("fields", [field.node()], entry.key_mark)
    else:
        into.put("error_code", entry, notes)


def _put_pattern_of_error(entry: Entry, into: Mapped, notes: Notes) -> None:
    into.say("error", True, entry.key_mark)
    wanted = Mapped(entry.key_mark)
    wanted.put("error_message_pattern", entry, notes)
    wanted.say("should_occur", True, entry.key_mark)
    into.add("expected_errors", [wanted.node()], entry.key_mark)


def _put_response_limits(entry: Entry, into: Mapped, notes: Notes) -> None:
    node = mapping_at(entry, "response_limits", notes)
    limits = Mapped(entry.key_mark)
    carry(node, RESPONSE_LIMITS, limits, notes)
    if limits.node().entries:
        into.put("response_limits", Entry(entry.key_mark, limits.node()), notes)


_ERRORS: dict[str, Becomes] = {
    **{key: Becomes("expected.error", _put_error) for key in ("error_expected", "expect_error")},
    "expected_error_code": Becomes("expected.error_code", _put_code),
    "expected_error_pattern": Becomes("expected.expected_errors", _put_pattern_of_error),
}
BESIDE: Mapping[str, Becomes] = _ERRORS
"""What a case may say of errors without `expected`."""

EXPECTED = Table(
    "test_suites[].test_cases[].expected",
    {
        "patterns": Becomes("expected.fields", _put_patterns, takes_null=True),
        "custom_scripts": Becomes("scripts", _put_scripts, takes_null=True),
        "schema": Becomes("expected.schema", _put_schema),
        **{key: Becomes(key) for key in OPTIONS},
        **_ERRORS,
        "error": Becomes("expected.error", _put_error),
        "error_code": Becomes("expected.error_code", _put_code),
        "error_message_contains": Becomes("error_message_contains"),
        "response_limits": Becomes("expected.response_limits", _put_response_limits),
        "performance_requirements": Becomes("performance", _put_requirements),
        "streaming": Defers(below=("enabled", "chunk_size", "buffer_size")),
        "allow_empty_results": Defers("is not needed: say in 'patterns' what a result must hold"),
        "allow_failure": ACCEPTS_ALL,
    },
    "expected",
)
RESPONSE_LIMITS = Table(
    "test_suites[].test_cases[].expected.response_limits",
    {
        "max_size_mb": Becomes("max_size_mb"),
        "truncate_large_responses": Defers("is not needed: answers are cut where they are shown"),
        "summary_only": Defers(),
    },
    "response_limits",
)
