"""Scripts of the three languages, as documents and examples write them, run by real interpreters."""

import json
from pathlib import Path

import pytest

from harness.checks.answer import Answer
from harness.errors import ScriptFault
from harness.models.job import PlannedCall
from harness.models.script import Language
from harness.scripts.verdict import ScriptVerdict
from tests.integration.scripts.stage import Told, run

STDIN_PYTHON = """
import json, sys
told = json.load(sys.stdin)
print(json.dumps({"success": told["response"]["content"][0]["text"] == "The sum is 100.", "message": "stdin"}))
"""
ARGV_PYTHON = """
import json, sys
response = json.loads(sys.argv[1])
missing = [name for name in ["users", "orders"] if name not in response.get("tables", [])]
if missing:
    print(f"Missing: {missing}")
    sys.exit(1)
"""
RESULT_PYTHON = """
log("info", "seen")
result = {"success": context.request.params.a == 42 and context["response"][0].text.endswith("100."), "score": 0.8}
"""
STDIN_NODE = """
const told = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify({success: told.metadata.test_name === "adds", message: "stdin"}));
"""
LAST_EXPRESSION_NODE = """
const sum = context.request.params.a + context.request.params.b;
context.log("info", "sum", sum);
({success: context.response[0].text.includes(String(sum)) && context.response.length === 1, score: 1})
"""
LUA = """
context.log("info", "seen")
local text = context.response[1].text
result = {success = text == context.response.content[1].text and #context.response == 1,
          message = string.format("%d", context.request.params.a + context.request.params.b)}
"""


@pytest.mark.parametrize(
    ("language", "source", "verdict"),
    [
        (Language.PYTHON, STDIN_PYTHON, ScriptVerdict(0, True, None, "stdin")),
        (Language.PYTHON, RESULT_PYTHON, ScriptVerdict(0, True, 0.8, stderr="info seen\n")),
        (Language.PYTHON, ARGV_PYTHON, ScriptVerdict(1, message="Missing: ['users', 'orders']")),
        (Language.PYTHON, "result = True", ScriptVerdict(0, True)),
        (Language.PYTHON, "import sys; sys.exit(7)", ScriptVerdict(7)),
        (Language.JAVASCRIPT, STDIN_NODE, ScriptVerdict(0, True, None, "stdin")),
        (Language.JAVASCRIPT, LAST_EXPRESSION_NODE, ScriptVerdict(0, True, 1.0, stderr="info sum 100\n")),
        (Language.JAVASCRIPT, "module.exports = async c => ({success: c.tool === 'add'})", ScriptVerdict(0, True)),
        (Language.JAVASCRIPT, "const result = {success: context.params.x === undefined}", ScriptVerdict(0, True)),
        (Language.JAVASCRIPT, "process.stdout.write('{\"score\": 0}')", ScriptVerdict(0, None, 0.0)),
        (Language.JAVASCRIPT, "context.request.a > 42", ScriptVerdict(0, False)),
        (Language.JAVASCRIPT, "process.exit(4)", ScriptVerdict(4)),
        (Language.LUA, LUA, ScriptVerdict(0, True, None, "100", stderr="info seen\n")),
        (Language.LUA, "return context.metadata.duration_ms == 2", ScriptVerdict(0, True)),
        (Language.LUA, "print('hello') os.exit(3)", ScriptVerdict(3, message="hello")),
    ],
)
def test_a_script_finds_its_context_and_says_its_verdict(
    language: Language, source: str, verdict: ScriptVerdict, tmp_path: Path
) -> None:
    said = run(tmp_path, language, source)
    assert isinstance(said, ScriptVerdict)
    assert ScriptVerdict(said.exit_code, said.success, said.score, said.message, said.stderr) == verdict


@pytest.mark.parametrize(
    ("language", "source", "last_line"),
    [
        (Language.PYTHON, "assert 1 == 2, 'they differ'", "AssertionError: they differ"),
        (Language.JAVASCRIPT, "throw new Error('they differ')", "Error: they differ"),
        (Language.LUA, "error('they differ')", "script:1: they differ"),
    ],
)
def test_a_script_that_breaks_down_does_not_hold(
    language: Language, source: str, last_line: str, tmp_path: Path
) -> None:
    said = run(tmp_path, language, source)
    assert isinstance(said, ScriptVerdict)
    assert (said.exit_code, said.success) == (1, None)
    assert said.message == last_line and last_line in said.stderr


@pytest.mark.parametrize("language", [Language.PYTHON, Language.JAVASCRIPT, Language.LUA])
def test_a_missing_answer_and_odd_texts_reach_a_script(language: Language, tmp_path: Path) -> None:
    sources = {
        Language.PYTHON: "result = context.response is None and len(context.request.text) == 4",
        Language.JAVASCRIPT: "context.response === null && context.request.text.length === 4",
        Language.LUA: "return context.response == nil and #context.request.text > 3",
    }
    odd = Told(PlannedCall(name="add", input={"text": "\ud800\x00é\u2028", "big": 2**70, "none": None}), None)
    said = run(tmp_path, language, sources[language], odd)
    assert isinstance(said, ScriptVerdict) and said.success is True, said


def test_an_answer_of_three_megabytes_reaches_argv(tmp_path: Path) -> None:
    large = Told(answer=Answer(result={"content": [{"type": "text", "text": "x" * 3_000_000}]}))
    source = "import sys; result = len(sys.argv[1]) > 3_000_000"
    said = run(tmp_path, Language.PYTHON, source, large)
    assert isinstance(said, ScriptVerdict) and said.success is True


def test_params_env_and_working_dir_are_as_the_suite_says(tmp_path: Path) -> None:
    source = """
import os
os.makedirs("seen")
result = {"success": True, "message": f"{context.params.limit} {os.environ['MODE']} {os.path.basename(os.getcwd())}"}
"""
    said = run(tmp_path, Language.PYTHON, source, params={"limit": 3}, env={"MODE": "strict"})
    assert isinstance(said, ScriptVerdict) and said.message == "3 strict sandbox"
    out = run(tmp_path, Language.PYTHON, source, working_dir="../..")
    assert isinstance(out, ScriptFault) and str(out) == "working_dir: '../..' is not a path inside the sandbox"


def test_an_interpreter_that_is_not_here_is_named(tmp_path: Path) -> None:
    said = run(tmp_path, Language.JAVASCRIPT, "true", env={"PATH": "/nowhere"})
    assert isinstance(said, ScriptFault)
    assert str(said).startswith("javascript cannot be run here: 'node': No such file or directory on PATH")


PRECISION = """
local request = context.request
local response = context.response
local a = request.params.a
local b = request.params.b
if a and b then
    local expected = a + b
    local result_text = response[1].text
    local actual = tonumber(result_text:match("[-+]?[%d]*%.?[%d]+"))
    local difference = math.abs(expected - actual)
    result = {
        success = difference <= 0.0001,
        message = string.format("Expected: %.6f, Actual: %.6f, Diff: %.6f", expected, actual, difference),
        expected_value = expected,
        nested = {precision_check = difference <= 0.0001}
    }
else
    result = {success = false, message = "Missing required parameters a or b"}
end
"""


def test_a_lua_script_of_the_public_suites_judges_what_it_was_written_for(tmp_path: Path) -> None:
    good = run(tmp_path, Language.LUA, PRECISION)
    wrong = Told(answer=Answer(result={"content": [{"type": "text", "text": "The sum is 99."}]}))
    bad = run(tmp_path, Language.LUA, PRECISION, wrong)
    assert isinstance(good, ScriptVerdict) and isinstance(bad, ScriptVerdict)
    assert (good.success, good.message) == (True, "Expected: 100.000000, Actual: 100.000000, Diff: 0.000000")
    assert (bad.success, bad.message) == (False, "Expected: 100.000000, Actual: 99.000000, Diff: 1.000000")


def test_the_python_scripts_of_the_v1_suite_read_the_parsed_content(tmp_path: Path) -> None:
    told = Told(
        answer=Answer(result={"content": [{"type": "text", "text": json.dumps({"tables": ["users", "orders"]})}]})
    )
    said = run(tmp_path, Language.PYTHON, ARGV_PYTHON, told)
    assert isinstance(said, ScriptVerdict) and said.exit_code == 0
