"""A suite as text with comments, as `generate` and `init` write it. Pure; whatever a server said stays in its place.

Values are JSON in double quotes, which is YAML, with everything escaped that a suite may not hold; comments are one
line each.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.discovery.candidates import Subject
from harness.discovery.offer import Offer
from harness.discovery.trial import Tried
from harness.models.expected import Expected
from harness.models.server import Server
from harness.suites.ids import slug
from harness.yaml_values import comment, text, value

SCHEMA_COMMENT = "# yaml-language-server: $schema={}"
COMPARED = ("tools", "resources", "prompts", "logging")


def suite_lines(
    offer: Offer, server: Server, tried: Sequence[Tried], *, name: str, schema: str = "", sample: str = ""
) -> Iterator[str]:
    """The lines of a suite. `schema`: where editors find the JSON Schema; `sample`: the file that tests may read."""
    if schema:
        yield SCHEMA_COMMENT.format(schema)
    who = f"{offer.server_name} {offer.server_version}".strip()
    yield comment(f"Made from what {who} offers; every test passed when it was made.")
    yield "# Read it, correct what it got wrong, and add what only you know: which answers are right."
    yield f"name: {text(name)}"
    if offer.server_version:
        yield f"version: {text(offer.server_version)}"
    yield from _capabilities(offer)
    yield from _server(server)
    if sample:
        yield "files:"
        yield f'  - {{source: {text(sample)}, target: "sample.txt"}}'
    for subject in Subject:
        yield from _section(subject, [entry for entry in tried if entry.candidate.subject is subject], offer)


def _capabilities(offer: Offer) -> Iterator[str]:
    said = ", ".join(f"{word}: {json.dumps(word in offer.capabilities)}" for word in COMPARED)
    yield f"capabilities: {{{said}}}"


def _server(server: Server) -> Iterator[str]:
    yield "server:"
    given = server.model_dump(mode="json", exclude_defaults=True)
    for key, member in given.items():
        yield f"  {key}: {value(member)}"


def _section(subject: Subject, tried: Sequence[Tried], offer: Offer) -> Iterator[str]:
    by_owner: dict[tuple[str, str], list[Tried]] = {}
    for entry in tried:
        by_owner.setdefault((entry.candidate.owner, entry.candidate.uri), []).append(entry)
    if not by_owner:
        return
    yield ""
    yield f"{subject}:"
    described = _descriptions(subject, offer)
    for (owner, uri), entries in by_owner.items():
        yield from _owner(subject, owner, uri, described.get(uri or owner, ""))
        yield "    tests:"
        for entry in _named_apart(entries):
            yield from _test(entry)


def _owner(subject: Subject, owner: str, uri: str, description: str) -> Iterator[str]:
    if description:
        yield comment(description, 2)
    if subject is Subject.RESOURCE:
        yield f"  - uri_template: {text(uri)}"
        yield f"    name: {text(owner)}"
    else:
        yield f"  - name: {text(owner)}"


def _test(entry: Tried) -> Iterator[str]:
    candidate = entry.candidate
    yield f"      - name: {text(candidate.name)}"
    if entry.input is None or entry.expected is None:
        yield comment(f"Not guessed: {entry.trouble}", 8)
        yield "        skip: true"
        return
    if entry.input:
        yield f"        input: {value(dict(entry.input))}"
    yield from _expected(entry.expected)
    if candidate.is_destructive:
        yield f"        group: {text(f'{candidate.owner}, {candidate.name}')}"
        yield "        idempotent: false"


def _expected(expected: Expected) -> Iterator[str]:
    given = expected.model_dump(mode="json", exclude_unset=True)
    fields = given.pop("fields", [])
    if given:
        yield f"        expected: {value(given)}"
    elif fields:
        yield "        expected:"
        yield "          fields:"
        for field in fields:
            yield f"            - {value(field)}"


def _named_apart(entries: Iterable[Tried]) -> Iterator[Tried]:
    """Without a second test of one id: of names that differ in signs only, or were cut, the first is written."""
    seen: set[str] = set()
    for entry in entries:
        part = slug(entry.candidate.name)
        if part not in seen:
            seen.add(part)
            yield entry


def _descriptions(subject: Subject, offer: Offer) -> Mapping[str, str]:
    if subject is Subject.TOOL:
        return {tool.name: tool.description for tool in offer.tools}
    if subject is Subject.PROMPT:
        return {prompt.name: prompt.description for prompt in offer.prompts}
    of_templates = {template.uri_template: template.description for template in offer.templates}
    return {**of_templates, **{resource.uri: resource.description for resource in offer.resources}}
