"""Expectations with `${…}` in them, filled in: what a server says of its files holds their paths. Pure."""

from harness.models.expected import Expected
from harness.templates import Names, fill_all, has_places


def filled(expected: Expected, names: Names) -> Expected:
    """`expected` with every text in it filled in. Raises ValueError in one sentence."""
    if not has_places(expected.model_dump_json(exclude_unset=True)):
        return expected
    return Expected.model_validate(fill_all(expected.model_dump(mode="json", exclude_unset=True), names))
