"""Rules about the input of tests of resources. Applied by `rules.py`."""

from harness.models.suite import ResourceTests, Suite
from harness.suites.calls import CURSOR, OF_SUBSCRIPTION, SUBSCRIBE, URI, variables_of
from harness.suites.findings import Findings, quoted
from harness.suites.listing import list_tests
from harness.suites.shape import Shape

NOT_OF_TEMPLATES = (CURSOR, URI, SUBSCRIBE, *OF_SUBSCRIPTION)


def inputs_fill_their_templates(suite: Suite, shape: Shape, findings: Findings) -> None:
    """What an author gives for a URI goes into it: another name than the template's would be lost."""
    for listed in list_tests(suite):
        owner = listed.owner
        if not isinstance(owner, ResourceTests):
            continue
        variables = variables_of(owner.uri_template)
        for name in listed.test.input:
            if name not in variables and name not in NOT_OF_TEMPLATES:
                mark = shape.spot_of((*listed.place, "input", name)).key
                wanted = ", ".join(map(quoted, variables)) or "none"
                message = f"{quoted(name)} is no variable of the uri_template, and is not sent; its variables: {wanted}"
                findings.warn(mark, message, findings.did_you_mean(name, variables))
