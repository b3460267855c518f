"""The drafts of JSON Schema that are judged, by `$schema`: which keywords each has. Without `$schema`: 2020-12."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from referencing import Specification
from referencing.jsonschema import DRAFT4, DRAFT6, DRAFT7, DRAFT201909, DRAFT202012

from harness.checks.json_schema.assertions import ASSERTIONS
from harness.checks.json_schema.in_place import IN_PLACE
from harness.checks.json_schema.inside import INSIDE
from harness.checks.json_schema.spot import Keyword

_ALL = {**ASSERTIONS, **INSIDE, **IN_PLACE}
_SINCE_2019 = ("dependentRequired", "dependentSchemas", "$recursiveRef")
_SINCE_2020 = ("prefixItems", "$dynamicRef")


@dataclass(frozen=True)
class Dialect:
    """One draft. `ref_stands_alone`: what stands beside a `$ref` does not count."""

    uri: str
    specification: Specification[Any]
    keywords: Mapping[str, Keyword]
    ref_stands_alone: bool = False

    @property
    def has_unevaluated(self) -> bool:
        """Whether `unevaluatedProperties` and `unevaluatedItems` mean something."""
        return not self.ref_stands_alone


def _without(*names: str) -> Mapping[str, Keyword]:
    return {name: keyword for name, keyword in _ALL.items() if name not in names}


DEFAULT = Dialect(
    "https://json-schema.org/draft/2020-12/schema",
    DRAFT202012,
    _without("additionalItems", "dependencies", "$recursiveRef"),
)
_SINCE_6 = ("const", "contains", "propertyNames")
_DIALECTS = (
    DEFAULT,
    Dialect("https://json-schema.org/draft/2019-09/schema", DRAFT201909, _without(*_SINCE_2020, "dependencies")),
    Dialect("http://json-schema.org/draft-07/schema", DRAFT7, _without(*_SINCE_2019, *_SINCE_2020), True),
    Dialect("http://json-schema.org/draft-06/schema", DRAFT6, _without(*_SINCE_2019, *_SINCE_2020, "if"), True),
    Dialect(
        "http://json-schema.org/draft-04/schema", DRAFT4, _without(*_SINCE_2019, *_SINCE_2020, *_SINCE_6, "if"), True
    ),
)
DIALECTS: Mapping[str, Dialect] = {dialect.uri: dialect for dialect in _DIALECTS}
_OLD = "http://json-schema.org/draft-0"
KNOWN = "2020-12, 2019-09, draft-07, draft-06, draft-04"


def dialect_of(schema: Any) -> Dialect:
    """The dialect that a schema asks for; raises ValueError in one sentence."""
    uri = schema.get("$schema") if isinstance(schema, dict) else None
    if uri is None:
        return DEFAULT
    found = DIALECTS.get(str(uri).removesuffix("#").replace("https://json-schema.org/draft-0", _OLD))
    if found is None:
        raise ValueError(f"its $schema {str(uri)[:100]!r} names none of the drafts that are known: {KNOWN}")
    return found
