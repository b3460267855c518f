"""Suites as text: whatever a server says, the file loads, and says what was meant."""

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.discovery.candidates import Candidate, Subject
from harness.discovery.offer import Offer, OfferedTool
from harness.discovery.suite_text import suite_lines
from harness.discovery.trial import Tried
from harness.models.expected import Expected, FieldExpectation
from harness.models.server import Server
from harness.suites.load import load_paths
from harness.suites.read import read_yaml
from harness.suites.tree import plain
from harness.yaml_values import comment, value

SERVER = Server(command="mcp-server", args=("stdio",))
GOLDEN = Path(__file__).parent / "golden" / "suite.yaml"


def lines(tried: list[Tried], **members: Any) -> str:
    offer = Offer(server_name="s", server_version="1", protocol_version="2025-11-25", **members)
    return "".join(f"{line}\n" for line in suite_lines(offer, SERVER, tried, name="s", schema="./x.json"))


def test_a_suite_has_a_test_for_each_that_passes_and_a_skipped_one_for_what_was_not_guessed(tmp_path: Path) -> None:
    expected = Expected(fields=(FieldExpectation(path="$.content[0].text", value="hi"),))
    tool = Candidate(Subject.TOOL, "echo", "answers", ({},))
    written = lines(
        [
            Tried(tool, {"message": "hi", "true": None}, expected),
            Tried(Candidate(Subject.TOOL, "echo", "without message", (), refused=True), {}, Expected(error=True)),
            Tried(Candidate(Subject.TOOL, "wipe", "answers", (), is_destructive=True), {}, Expected()),
            Tried(Candidate(Subject.TOOL, "odd", "answers", ()), trouble="no idea\nwhy"),
            Tried(
                Candidate(Subject.RESOURCE, "doc", "read demo://1", (), uri="demo://1"), {"uri": "demo://1"}, expected
            ),
        ],
        capabilities={"tools": {}},
        tools=(OfferedTool(name="echo", description="Says it\nagain"),),
    )
    assert written == GOLDEN.read_text()
    (tmp_path / "suite.yaml").write_text(written)
    (loaded,) = load_paths([tmp_path])
    assert [tool.name for tool in loaded.suite.tools] == ["echo", "wipe", "odd"]
    assert loaded.suite.tools[0].tests[0].input == {"message": "hi", "true": None}
    assert loaded.suite.tools[1].tests[0].idempotent is False
    assert loaded.suite.tools[2].tests[0].skip


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@given(JSON)
def test_any_value_is_read_back_as_it_was(given_value: Any) -> None:
    assert plain(read_yaml(f"a: {value(given_value)}\n".encode(), "f")) == {"a": given_value}


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_text_in_a_comment_says_nothing(said: str) -> None:
    assert plain(read_yaml(f"{comment(said)}\na: 1\n".encode(), "f")) == {"a": 1}
