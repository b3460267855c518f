"""A schema that can be applied: with its draft, and where its references lead. Nothing is fetched.

A reference may mean a part of the same schema, and the drafts themselves, which come with a library.
"""

from dataclasses import dataclass, field
from typing import Any

from jsonschema_specifications import REGISTRY
from referencing.exceptions import Unresolvable

from harness.checks.json_schema.dialects import Dialect, dialect_of
from harness.checks.json_schema.spot import Resolver
from harness.checks.pattern import Pattern

UNEXPECTED = (Unresolvable, ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError)
"""What the library raises where a schema, or what a reference means, is none. It expects valid ones."""


@dataclass(frozen=True)
class Compiled:
    """A schema that can be applied."""

    schema: Any
    dialect: Dialect
    resolver: Resolver
    patterns: dict[str, Pattern] = field(default_factory=dict)
    """By their text: those of admitted schemas."""
    admitted: set[int] = field(default_factory=set)
    """The schemas in it that are known to obey their draft, by identity: they live as long as `schema`."""


def read_schema(schema: Any) -> Compiled:
    """Prepare a schema without asking whether it obeys its draft. Raises ValueError in one sentence."""
    if not isinstance(schema, dict | bool):
        raise ValueError("it is no schema: that is an object, true or false")
    dialect = dialect_of(schema)
    resource = dialect.specification.create_resource(schema)
    try:
        uri = resource.id() or ""
        registry = REGISTRY.with_resource(uri, resource).crawl()
        resolver = registry.resolver(uri)
    except UNEXPECTED as error:
        raise ValueError("its $id, or one in it, cannot be read") from error
    return Compiled(schema, dialect, resolver)
