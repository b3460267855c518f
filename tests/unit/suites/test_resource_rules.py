"""What an author gives for the URI of a resource, and no template takes."""

import pytest

from harness.suites.load import STRICT, load_suite

SUITE = """name: s
server: {command: c}
resources:
  - uri_template: "INPUT_TEMPLATE"
    name: r
    tests: [{name: a, input: INPUT}]
"""


@pytest.mark.parametrize(
    ("template", "given", "told"),
    [
        (
            "x://{id}",
            "{ID: 1}",
            ["s.yaml:6:23: 'ID' is no variable of the uri_template, and is not sent"],
        ),
        (
            "x://one",
            "{id: 1}",
            ["s.yaml:6:23: 'id' is no variable of the uri_template, and is not sent"],
        ),
        ("x://{id}", "{id: 1}", []),
        ("x://{id}", '{uri: "x://2", subscribe: true, min_updates: 2, wait_seconds: 1}', []),
        ("x://{id}", "{cursor: c}", []),
    ],
)
def test_input_that_would_be_lost_is_warned_about(template: str, given: str, told: list[str]) -> None:
    text = SUITE.replace("INPUT_TEMPLATE", template).replace("INPUT", given)

    warnings = load_suite(text.encode(), "s.yaml", STRICT).warnings

    assert [str(warning)[: len(start)] for warning, start in zip(warnings, told, strict=True)] == told
