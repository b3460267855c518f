"""For every key of an expectation: answers that satisfy it, answers that do not, and what is said of the first of them.

`test_every_check.py` judges them, `test_hostile_answers.py` puts the worst in the place of their answers.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from harness.checks.answer import Answer, RpcError
from harness.checks.case import NO_INPUTS, JudgeInputs
from harness.models.expected import Expected, SnapshotMode

PATH = "$.structuredContent.x"


def holding(value: Any) -> Answer:
    """A result whose structured content has `value` under `x`."""
    return Answer(result={"content": [], "structuredContent": {"x": value}})


def saying(*texts: str) -> Answer:
    return Answer(result={"content": [{"type": "text", "text": text} for text in texts]})


def tool_error(text: str) -> Answer:
    return Answer(result={"content": [{"type": "text", "text": text}], "isError": True})


def rpc_error(code: int, message: str) -> Answer:
    return Answer(error=RpcError(code, message))


NOTHING = Answer(result={"content": [], "structuredContent": {}})


@dataclass(frozen=True)
class Row:
    """What an author writes about one value, values that satisfy it, and values that do not.

    `says`: what is expected and actual of the first bad one. `also`: other keys of the entry, and of `expected`.
    """

    check: str
    wanted: Any
    good: tuple[Any, ...]
    bad: tuple[Any, ...]
    says: tuple[str, str]
    also: dict[str, Any] = field(default_factory=dict)
    terms: dict[str, Any] = field(default_factory=dict)

    @property
    def expected(self) -> Expected:
        return Expected.model_validate({"fields": [{"path": PATH, self.check: self.wanted, **self.also}], **self.terms})


NAN, INFINITY = float("nan"), float("inf")

FIELD_ROWS = (
    Row("value", "abc", ("abc",), ("abd", "abcd", "", None, 1, ["abc"]), ('"abc"', '"abd"')),
    Row("value", 1, (1, 1.0), (2, 1.5, True, "1", None, [1]), ("1", "2")),
    Row("value", True, (True,), (False, 1, 1.0, "true", None), ("true", "false")),
    Row("value", None, (None,), (False, 0, "", [], {}), ("null", "false (boolean)")),
    Row(
        "value",
        [1, {"a": [2]}],
        ([1.0, {"a": [2]}],),
        ([1, {"a": [3]}], [1], [{"a": [2]}, 1], [1, {"a": [2]}, 3]),
        ("at [1].a[0]: 2", "at [1].a[0]: 3"),
    ),
    Row(
        "value",
        {"a": 1, "b": 2},
        ({"b": 2, "a": 1},),
        ({"a": 1}, {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": True}),
        ("at b: 2", "at b: nothing"),
    ),
    Row("not_value", "abc", ("abd", 1, None), ("abc",), ('anything but "abc"', '"abc"')),
    Row("not_value", None, ("", 0, False), (None,), ("anything but null", "null")),
    Row("not_value", {"a": [1]}, ({"a": [2]}, [1]), ({"a": [1]},), ('anything but {"a": [1]}', '{"a": [1]}')),
    Row("one_of", ["a", 1, None], ("a", 1.0, None), ("b", True, [], "1"), ('one of "a", 1, null', '"b"')),
    Row("one_of", [[1]], ([1],), (1, [1, 1]), ("one of [1]", "1 (number)")),
    Row("exists", True, (1, None, "", [], {}), (), ("", "")),
    Row("exists", False, (), (0, None, ""), ("nothing", "0")),
    Row("not_null", True, (0, "", False, []), (None,), ("a value that is not null", "null")),
    Row("field_type", "string", ("", "1"), (1, None, True, [], {}), ("string", "1 (number)")),
    Row("field_type", "number", (0, 1.5, -3), ("1", True, None, [], {}), ("number", '"1" (string)')),
    Row("field_type", "integer", (0, 7, 7.0, 10**30), (7.5, True, "7", None, NAN, INFINITY),
        ("integer", "7.5 (number)")),
    Row("field_type", "boolean", (True, False), (0, 1, "true", None), ("boolean", "0 (number)")),
    Row("field_type", "array", ([], [1]), ({}, "[]", None), ("array", "{} (object)")),
    Row("field_type", "object", ({}, {"a": 1}), ([], "{}", None), ("object", "[] (array)")),
    Row("field_type", "null", (None,), (0, "", False, [], {}), ("null", "0 (number)")),
    Row(
        "pattern",
        r"(\d+) of (\d+)",
        ("3 of 7", "page 13 of 70!"),
        ("three of 7", "", 3, None, ["3 of 7"]),
        (r'string that matches "(\\d+) of (\\d+)"', '"three of 7"'),
    ),
    Row("pattern", "^ab$", ("ab",), ("ab\n", "xab", "a\nb"), ('string that matches "^ab$"', r'"ab\n"')),
    Row("contains", "100", ("100", "is 100.", ["1", "100"]), ("10", "", ["1001"], [100], 100, {"100": 1}, None),
        ('string that contains "100"', '"10"')),
    Row("contains", 100, ("sum 100", [100], [1, 100.0]), (["100"], "10", [101], 100, {}, None),
        ("array with the element 100", '["100"]')),
    Row("contains", True, ("it is true", [True]), ([1], "True", True), ("array with the element true", "[1]")),
    Row("contains", None, ("null", [None]), (None, "nil", [0]), ("string or array that contains null", "null")),
    Row("contains", {"a": 1}, ([{"a": 1}], [0, {"a": 1.0}]), ('{"a": 1}', [{"a": 2}], [{"a": 1, "b": 2}], {"a": 1}),
        ('string or array that contains {"a": 1}', r'"{\"a\": 1}" (string)')),
    Row("contains_all", ["a", "b"], ("xbxa", ["b", "a"]), ("a", ["a"], ["ab"], {"a": 1, "b": 2}, None, 1),
        ('string that contains "b"', '"a"')),
    Row("contains_all", [1, {"k": [2]}], ([{"k": [2.0]}, 1.0, 3],), ([1, {"k": [3]}], [True, {"k": [2]}], "1"),
        ('array with the elements {"k": [2]}', '[1, {"k": [3]}]')),
    Row("starts_with", "ab", ("ab", "abc"), ("xab", "AB", "a", "", ["ab"], None, 1),
        ('string that starts with "ab"', '"xab"')),
    Row("ends_with", "yz", ("yz", "xyz"), ("yzx", "YZ", "z", "", ["yz"], None, 1),
        ('string that ends with "yz"', '"yzx"')),
    Row("min", 5, (5, 5.0, 6, 10**400), (4, 4.999, -5, "6", True, None, [6], NAN), ("number of at least 5", "4")),
    Row("max", 5, (5, 4.9, -(10**400)), (6, 5.001, "4", True, None, [4], NAN), ("number of at most 5", "6")),
    Row("greater_than", 5, (5.001, 6, 10**400), (5, 4, "6", True, None, [6], NAN), ("number greater than 5", "5")),
    Row("greater_equal", 5, (5, 6), (4.9, "6", None, NAN), ("number of at least 5", "4.9")),
    Row("less_than", 5, (4.999, -(10**400)), (5, 6, "4", True, None, [4], NAN), ("number less than 5", "5")),
    Row("less_equal", 5, (5, 4), (5.1, "4", None, NAN), ("number of at most 5", "5.1")),
    Row("decimal_places", 2, (1, 1.5, 1.25, 1e300, 10**400, -0.01), (1.255, 1e-7, "1.5", True, None, NAN, INFINITY),
        ("number of at most 2 decimal places", "1.255")),
    Row("min_length", 2, ("ab", "🚀🚀", [1, 2], {"a": 1, "b": 2}), ("a", "🚀", [1], {"a": 1}, 22, None),
        ("length of at least 2", '1 characters: "a"')),
    Row("max_length", 1, ("", "a", "🚀", [1], {"a": 1}), ("ab", [1, 2], {"a": 1, "b": 2}, 1, None),
        ("length of at most 1", '2 characters: "ab"')),
    Row("array_length", 2, ([1, 2],), ([1], [1, 2, 3], [], "ab", {"a": 1, "b": 2}, 2, None),
        ("array of 2 elements", "1 elements: [1]")),
    Row("keys", ["a", "b"], ({"a": 1, "b": None}, {"b": 1, "a": 1, "c": 1}),
        ({"a": 1, "c": 2}, {}, ["a", "b"], "ab", None),
        ('object with the keys "a", "b"', 'no "b" among "a", "c"')),
    Row("strict_keys", True, ({"a": 1, "b": 2},), ({"a": 1, "b": 2, "c": 3},),
        ('object with no keys but "a", "b"', 'also "c"'), {"keys": ["a", "b"]}),
)  # fmt: skip

ITEMS = [{"id": 1}, {"id": 2}, {}]
OPTION_ROWS = (
    Row("pattern", "a b # c", ("AB", "xab"), ("a b",), ('string that matches "a b # c" (ix)', '"a b"'),
        {"flags": "ix"}),
    Row("pattern", "^b.$", ("a\nb\n",), ("a\nB\n",), ('string that matches "^b.$" (ms)', r'"a\nB\n"'), {"flags": "ms"}),
    Row("value", "Ab", ("aB", "AB"), ("abc",), ('"Ab"', '"abc"'), {"case_sensitive": False}),
    Row("value", "Ab", ("Ab",), ("aB",), ('"Ab"', '"aB"'), {"case_sensitive": True}, {"case_sensitive": False}),
    Row("contains", "B", ("abc", ["b"]), ("ac",), ('string that contains "B"', '"ac"'), {"case_sensitive": False}),
    Row("contains_all", ["B", "C"], ("abc", ["c", "b"]), ("ac",), ('string that contains "B"', '"ac"'),
        {"case_sensitive": False}),
    Row("starts_with", "STRASSE", ("straße 1",), ("gasse",), ('string that starts with "STRASSE"', '"gasse"'),
        {"case_sensitive": False}),
    Row("ends_with", "B", ("ab",), ("ba",), ('string that ends with "B"', '"ba"'), {"case_sensitive": False}),
    Row("one_of", ["A", "B"], ("b",), ("c",), ('one of "A", "B"', '"c"'), {"case_sensitive": False}),
    Row("value", [1, [2, 3], "a"], (["a", [3, 2], 1.0],), ([1, [2, 2], "a"],),
        ('3 elements: [1, [2, 3], "a"]', '3 elements: [1, [2, 2], "a"]'), {}, {"ignore_order": True}),
    Row("value", {"k": [1, 1, 2]}, ({"k": [1, 2, 1]},), ({"k": [1, 2, 2]},),
        ("at k: 3 elements: [1, 1, 2]", "at k: 3 elements: [1, 2, 2]"), {}, {"ignore_order": True}),
    Row("value", [1, 2], ([1, 2],), ([2, 1],), ("at [0]: 1", "at [0]: 2"), {}, {"ignore_order": False}),
    Row("value", "a b", ("a  \n b",), ("ab",), ('"a b"', '"ab"'), {}, {"normalize_whitespace": True}),
    Row("value", "a b", ("  a b\n",), ("a  b",), ('"a b"', '"a  b"'), {}, {"trim_strings": True}),
    Row("value", 10, ("10", 10.0), ("11", "ten", [10]), ("10 (number)", '"11" (string)'), {}, {"convert_types": True}),
    Row("value", [True, None], (["true", "null"],), (["yes", None],),
        ("at [0]: true (boolean)", 'at [0]: "yes" (string)'),
        {}, {"convert_types": True}),
    Row("value", [2, 1], (["1", "2"],), (["1", "3"],), ("2 elements: [2, 1]", '2 elements: ["1", "3"]'),
        {}, {"convert_types": True, "ignore_order": True}),
    Row("min", 5, ("5", "5.5", "1e3"), ("4", "five", "0x10", "", "Infinity"), ("number of at least 5", '"4" (string)'),
        {}, {"convert_types": True}),
    Row("value", 1, (1,), (1.0,), ("1", "1.0"), {}, {"strict_mode": True}),
    Row("value", [1], ([1],), ([1.0],), ("1 elements: [1]", "1 elements: [1.0]"), {},
        {"strict_mode": True, "ignore_order": True}),
    Row("field_type", "integer", (1,), (1.0,), ("integer", "1.0 (number)"), {}, {"strict_mode": True}),
)  # fmt: skip


@dataclass(frozen=True)
class AnswerRow:
    """What an author expects of a whole answer; answers that satisfy it, and answers that do not.

    `says`: path, expected and actual of the first failure of the first bad one.
    """

    check: str
    wanted: dict[str, Any]
    good: tuple[Answer, ...]
    bad: tuple[Answer, ...]
    says: tuple[str, str, str]
    inputs: JudgeInputs = NO_INPUTS

    @property
    def expected(self) -> Expected:
        return Expected.model_validate(self.wanted)


SCHEMA = {"type": "object", "properties": {"x": {"type": "integer", "minimum": 1}}, "required": ["x"]}
STORED = json.dumps({"x": {"at": "[time]", "n": [1, 2]}})
TAKEN = {"subject": "content", "snapshot": True, "redactions": [{"path": "x.at", "replace": "[time]"}]}
WITHIN_DEADLINE = {"error_type": "internal_error", "error_message_pattern": "dead(line|lock)", "should_occur": True}

ANSWER_ROWS = (
    AnswerRow("error", {"error": True}, (tool_error("no"), rpc_error(-1, "no")),
        (saying("fine"), holding({"isError": 1})),
        ("", "an error", "result: fine")),
    AnswerRow("error", {}, (NOTHING, Answer(result={"isError": False})), (tool_error("no"), rpc_error(-1, "no")),
        ("", "no error", "result with isError: no")),
    AnswerRow("error", {"error_code": -32602}, (rpc_error(-32602, ""),), (saying("fine"),),
        ("", "an error", "result: fine")),
    AnswerRow("error_code", {"error": True, "error_code": -32602}, (rpc_error(-32602, "invalid"),),
        (rpc_error(-32603, "invalid"), tool_error("MCP error -32602")),
        ("", "code -32602", "JSON-RPC error -32603: invalid")),
    AnswerRow("error_message_contains", {"error": True, "error_message_contains": "not found"},
        (tool_error("file not found"), rpc_error(1, "not found: x")),
        (tool_error("Not Found"), rpc_error(1, "found"), tool_error("")),
        ("", 'message that contains "not found"', "result with isError: Not Found")),
    AnswerRow("expected_errors", {"expected_errors": [WITHIN_DEADLINE, {"expected_code": 7, "should_occur": True}]},
        (rpc_error(-32603, "deadlock"), rpc_error(7, "")), (rpc_error(-32603, "other"), tool_error("deadlock")),
        ("", 'error internal_error, message that matches "dead(line|lock)" or error code 7',
         "JSON-RPC error -32603: other")),
    AnswerRow("expected_errors", {"error": True, "expected_errors": [{"error_type": "tool_error"}]},
        (rpc_error(1, "x"),), (tool_error("x"),), ("", "no error tool_error", "result with isError: x")),
    AnswerRow("json_schema", {"json_schema": SCHEMA, "subject": "content"}, (holding(1), holding(2.0)),
        (holding("1"), holding(0), NOTHING, saying("no JSON")), ("$.x", "integer", '"1" (string)')),
    AnswerRow("json_schema", {"json_schema": {"required": ["content"]}}, (saying("a"),), (Answer(result={}),),
        ("$", 'a key "content"', 'an object with "isError"')),
    AnswerRow("json_schema", {"schema_file": "x.json"}, (), (saying("a"),),
        ("", "the schema that schema_file names", "it was not read when the run was planned")),
    AnswerRow("check_output_schema", {"check_output_schema": True}, (holding(1),), (holding("1"), saying("a")),
        ("$.structuredContent.x", "integer", '"1" (string)'), JudgeInputs(output_schema=SCHEMA)),
    AnswerRow("check_output_schema", {"check_output_schema": True}, (), (holding(1),),
        ("", "an outputSchema", "the server announces none for this tool")),
    AnswerRow("allow_extra_fields",
        {"allow_extra_fields": False, "fields": [{"path": f"{PATH}.a.b"}, {"path": f"{PATH}.c"}]},
        (holding({"a": {"b": 1}, "c": {"d": 1}}),),
        (holding({"a": {"b": 1, "z": 2}, "c": 1}), holding({"a": {"b": 1}, "c": 1, "d": 1})),
        ("$.structuredContent.x.a.z", "no key that no path names", '"z": 2')),
    AnswerRow("allow_extra_fields", {"strict_mode": True, "subject": "content", "fields": [{"path": "x"}]},
        (holding(1),), (Answer(result={"structuredContent": {"x": 1, "y": [2]}}),),
        ("y", "no key that no path names", '"y": [2]')),
    AnswerRow("response_limits", {"response_limits": {"max_size_bytes": 2_000_000, "max_size_mb": 1}}, (),
        (saying("a"),), ("", "at most 1,048,576 bytes", "1,048,577 bytes"), JudgeInputs(size_bytes=1_048_577)),
    AnswerRow("response_limits", {"response_limits": {"max_size_bytes": 10}}, (saying("a"),), (), ("", "", ""),
        JudgeInputs(size_bytes=10)),
    AnswerRow("response_limits", {"response_limits": {"max_size_bytes": 10}}, (), (saying("a"),),
        ("", "at most 10 bytes", "an answer whose size was not measured")),
    AnswerRow("security_constraints", {"security_constraints": [{"constraint_type": "no_passwords"}]},
        (saying("password: ***", "pwd = <hidden>", "the password is wrong"), holding({"password": ""})),
        (saying("a", "DB_PASSWORD=hunter2"), holding({"db_password": "hunter2"}), saying("postgres://me:hunter2@db/x"),
         saying("-----BEGIN RSA PRIVATE KEY-----"), saying("$2b$12$abcdefghijklmnopqrstuv"), saying('{"pwd": "x"}')),
        ("$.content[1].text", "no password", "a password, not shown here")),
    AnswerRow("security_constraints", {"security_constraints": [{"constraint_type": "no_api_keys"}]},
        (saying("api_key: ***", "the sk-learn package", "token: short"),),
        (saying("AKIAABCDEFGHIJKLMNOP"), saying("x ghp_" + "a" * 36), saying("sk-proj-" + "a" * 20),
        holding({"api_key": "k"}),
         saying("Authorization: Bearer " + "a" * 20), saying("API_KEY=" + "a1" * 8),
         saying("eyJ" + "a" * 12 + ".eyJ" + "b" * 12)),
        ("$.content[0].text", "no API key", "an AWS access key, not shown here")),
    AnswerRow("security_constraints", {"security_constraints": [{"constraint_type": "path_traversal_safe"}]},
        (saying("a/../b", "..."),),
        (saying("../../etc"), saying("root:x:0:0:root:/root:/bin/sh"), saying(r"C:\..\..\x")),
        ("$.content[0].text", "no sign of files beyond a folder", "a path that leads upwards, not shown here")),
    AnswerRow("security_constraints", {"security_constraints": [{"constraint_type": "sandbox_respected"}]},
        (saying("/tmp/box/a", "see /tmp/box.", "https://x.org/etc/passwd", "1/2"),),
        (saying("/etc/passwd"), saying("in /tmp/boxer/a"), saying("/tmp/box/../other")),
        ("$.content[0].text", "no path outside the sandbox", '"/etc/passwd"'), JudgeInputs(sandbox="/tmp/box")),
    AnswerRow("security_constraints",
        {"error": True, "security_constraints": [{"constraint_type": "sandbox_respected"}]},
        (tool_error("/etc/passwd is outside"),), (), ("", "", ""), JudgeInputs(sandbox="/tmp/box")),
    AnswerRow("security_constraints", {"security_constraints": [{"constraint_type": "sandbox_respected"}]},
        (), (saying("a"),),
        ("", "no path outside the sandbox", "this cannot be checked: the server has no sandbox of ours")),
    AnswerRow("security_constraints",
        {"security_constraints": [{"constraint_type": "no_passwords", "enabled": False}]}, (saying("password: x"),), (),
        ("", "", "")),
    AnswerRow("snapshot", TAKEN, (holding({"n": [1, 2.0], "at": 7}), holding({"at": "x", "n": [1, 2]})),
        (holding({"at": 1, "n": [1, 3]}), holding({"at": 1}), saying("x")),
        ("", '{"x": {"at": "[time]", "n": [1, 2]}}', '{"x": {"at": "[time]", "n": [1, 3]}}'),
        JudgeInputs(snapshot=STORED)),
    AnswerRow("snapshot", {"snapshot": "greeting"}, (), (saying("a"),),
        ("", "a snapshot beside the suite", "none; run the test once outside CI to take it"),
        JudgeInputs(snapshot_mode=SnapshotMode.CI)),
    AnswerRow("snapshot", {"snapshot": True}, (), (saying("a"),),
        ("", "a snapshot that can be read", "not JSON; run with --update-snapshots to accept it"),
        JudgeInputs(snapshot="{")),
)  # fmt: skip
