"""Reads a whole section of a configuration as a model: with the suites' bounded reader, and in the suites' words."""

import json
from typing import TypeVar

from pydantic import ValidationError

from harness.models.wire import Authored
from harness.suites.findings import Findings
from harness.suites.sentences import word_errors
from harness.suites.shape import Shape, shape_section
from harness.suites.tree import Entry, MapNode, kind_of, plain

Section = TypeVar("Section", bound=Authored)


def read_section(entry: Entry, key: str, model: type[Section], findings: Findings) -> tuple[Section, Shape] | None:
    """The section and the places in it. None when nothing is written there, or when `findings` got the problems."""
    if not isinstance(entry.node, MapNode):
        found = plain(entry.node)
        if found is not None:
            names = " and ".join(list(model.model_fields)[:2])
            findings.error(entry.node.mark, f"{key}: expected keys such as {names}, found {kind_of(found)}")
        return None
    shape = shape_section(entry, model, findings)
    try:
        return model.model_validate_json(json.dumps(shape.values), strict=True), shape
    except ValidationError as error:
        word_errors(error, shape, findings)
        return None
