"""The JUnit report: compared whole, and read back by an XML parser."""

from pathlib import Path
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from harness.models.attempt import SessionFacts
from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from scheduler.reports.explain import SHARED_STDERR
from scheduler.reports.junit import render_junit
from tests.unit.reports.runs import HOSTILE, case, cause, check, every_outcome, record, run_of

GOLDEN = Path(__file__).parent / "golden" / "junit.xml"


def test_a_run_with_every_outcome() -> None:
    assert render_junit(every_outcome()) == GOLDEN.read_text()


def test_it_has_the_shape_that_ci_systems_read() -> None:
    root = ElementTree.fromstring(render_junit(every_outcome()).encode())
    assert root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite"
        assert [child.tag for child in suite][:1] == ["properties"]
        for case_element in suite.findall("testcase"):
            assert {"name", "classname", "file", "line", "time"} == set(case_element.attrib)
            float(case_element.get("time", ""))
            tags = [child.tag for child in case_element if child.tag != "properties"]
            assert len([tag for tag in tags if tag in ("failure", "error", "skipped")]) <= 1
        assert len(suite.findall("testcase")) == int(suite.get("tests", "-1"))


def test_elements_of_a_testcase_stand_in_the_order_of_surefires_schema() -> None:
    attempts = [record(outcome) for outcome in (AttemptOutcome.ERROR, AttemptOutcome.FAILED, AttemptOutcome.ERROR)]
    root = ElementTree.fromstring(render_junit(run_of(case("a", TestOutcome.ERROR, *attempts))))
    assert [child.tag for child in root.findall(".//testcase/*")] == [
        "properties",
        "rerunFailure",
        "error",
        "rerunError",
    ]


def test_counts_of_suites_and_of_all_are_those_of_the_elements() -> None:
    root = ElementTree.fromstring(render_junit(every_outcome()))
    for element in (root, *root.findall("testsuite")):
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.get(attribute, "-1")) == len(element.findall(f".//testcase/{tag}"))


def test_an_attempt_that_was_superseded_or_stale_is_not_told() -> None:
    report = run_of(case("a", TestOutcome.PASSED, record(AttemptOutcome.FAILED), record(AttemptOutcome.PASSED)))
    (test,) = report.tests
    for change in ({"stale": True}, {"superseded": True}):
        attempts = (test.attempts[0].model_copy(update=change), test.attempts[1])
        text = render_junit(report.model_copy(update={"tests": (test.model_copy(update={"attempts": attempts}),)}))
        assert "flakyFailure" not in text
        assert '<property name="attempts" value="1" />' in text


def test_hostile_text_is_escaped_and_survives_as_text() -> None:
    failed = record(
        AttemptOutcome.FAILED, failures=(check(HOSTILE),), stderr_tail=HOSTILE, answer=HOSTILE, worker=HOSTILE
    )
    report = run_of(
        case(HOSTILE, TestOutcome.FAILED, failed, suite=HOSTILE, target=HOSTILE, reason=HOSTILE), name=HOSTILE
    )
    root = ElementTree.fromstring(render_junit(report).encode())
    escaped = "\\x1b[2J</failure>\n::error::\\u202e\\x00\\ud800\\ufffe]]>&"
    actual = escaped.replace("\n", "\\n")
    assert root.findtext(".//failure") == f"max at $.price\n  expected  number of at most 1000\n  got       {actual}"
    assert root.findtext(".//system-err") == escaped
    assert root.findall(".//testcase")[0].get("classname", "").startswith("default.\\x1b[2J")


def test_stderr_of_a_session_that_others_use_says_so() -> None:
    for position, text in ((0, "oops"), (2, f"{SHARED_STDERR}\noops")):
        session = SessionFacts(session_id="s", position=position)
        failed = record(AttemptOutcome.FAILED, stderr_tail="oops", session=session)
        flaky = case("b", TestOutcome.FLAKY, failed, record(AttemptOutcome.PASSED))
        root = ElementTree.fromstring(render_junit(run_of(case("a", TestOutcome.FAILED, failed), flaky)))
        assert [element.text for element in root.iter("system-err")] == [text, text]


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_makes_valid_xml(text: str) -> None:
    error = record(AttemptOutcome.ERROR, cause=cause(CauseKind.PROTOCOL, text), stderr_tail=text, answer={text: text})
    report = run_of(case(text, TestOutcome.ERROR, error, reason=text, file=text, suite=text), name=text)
    ElementTree.fromstring(render_junit(report).encode())
