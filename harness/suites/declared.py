"""What a suite declares of its server beside its tests, as tests of their own: the arguments of prompts. Pure."""

import json
from collections.abc import Iterator

from harness.models.expected import Expected, FieldExpectation, FieldType
from harness.models.method import Method
from harness.models.suite import MethodTests, PromptTests, Suite, TestCase
from harness.suites.listing import ListedTest

ARGUMENTS_TEST = "arguments"


def declared_tests(suite: Suite) -> Iterator[ListedTest]:
    """One test for each prompt whose arguments are declared: the server lists them so."""
    owner = MethodTests(name=Method.LIST_PROMPTS)
    for number, prompt in enumerate(suite.prompts):
        if prompt.arguments:
            expected = Expected(fields=tuple(_argument_fields(prompt)))
            test = TestCase(name=f"{prompt.name} {ARGUMENTS_TEST}", expected=expected)
            yield ListedTest(("prompts", number, "arguments"), owner, test)


def _argument_fields(prompt: PromptTests) -> Iterator[FieldExpectation]:
    for argument in prompt.arguments:
        listed = f"$.prompts[?@.name == {json.dumps(prompt.name)}].arguments[?@.name == {json.dumps(argument.name)}]"
        yield FieldExpectation(path=listed, field_type=FieldType.OBJECT)
        if argument.required:
            yield FieldExpectation(path=f"{listed}.required", value=True)
