"""Asks an open session what its server offers. Lists that a server does not give are a note, no error."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from harness.discovery.offer import Offer, OfferedArgument, OfferedPrompt, OfferedResource, OfferedTemplate, OfferedTool
from harness.errors import ServerFault
from harness.mcp.requests import LIST_MEMBERS
from harness.mcp.subjects import request
from harness.models.job import PlannedCall
from harness.models.method import Method
from harness.safe_text import one_line

if TYPE_CHECKING:
    from harness.mcp.session import Session

MAX_LISTED, MAX_NOTE = 2_000, 300
CAPABILITY = {
    Method.LIST_TOOLS: "tools",
    Method.LIST_RESOURCES: "resources",
    Method.LIST_TEMPLATES: "resources",
    Method.LIST_PROMPTS: "prompts",
}


async def ask_offer(session: "Session", *, timeout_s: float) -> Offer:
    """What the server of `session` offers. Each list may take `timeout_s`."""
    notes: list[str] = []
    lists = {method: await _list(session, method, timeout_s, notes) for method in CAPABILITY}
    said = session.introduced
    return Offer(
        server_name=session.facts.server_name,
        server_version=session.facts.server_version,
        protocol_version=session.facts.protocol_version,
        capabilities=dict(session.capabilities),
        instructions=_text(said, "instructions"),
        tools=tuple(_tool(entry) for entry in lists[Method.LIST_TOOLS] if _text(entry, "name")),
        resources=tuple(_resource(entry) for entry in lists[Method.LIST_RESOURCES] if _text(entry, "uri")),
        templates=tuple(_template(entry) for entry in lists[Method.LIST_TEMPLATES] if _text(entry, "uriTemplate")),
        prompts=tuple(_prompt(entry) for entry in lists[Method.LIST_PROMPTS] if _text(entry, "name")),
        notes=(*notes, *session.notes()),
    )


async def _list(session: "Session", method: Method, timeout_s: float, notes: list[str]) -> list[Mapping[str, Any]]:
    if CAPABILITY[method] not in session.capabilities or not session.alive:
        return []
    try:
        observation = await request(session, PlannedCall(method=method), timeout_s=timeout_s)
    except ServerFault as fault:
        notes.append(one_line(f"{method}: {fault}", MAX_NOTE))
        return []
    answer = observation.answer
    if answer.error is not None:
        if method is not Method.LIST_TEMPLATES:  # few servers have templates, and fewer say that they have none
            notes.append(one_line(f"{method} answered with an error: {answer.error.message}", MAX_NOTE))
        return []
    entries = _objects((answer.result or {}).get(LIST_MEMBERS[method]))
    if len(entries) > MAX_LISTED:
        notes.append(f"{method}: the first {MAX_LISTED:,} of {len(entries):,} entries are kept")
    return entries[:MAX_LISTED]


def _objects(listed: object) -> list[Mapping[str, Any]]:
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def _tool(entry: Mapping[str, Any]) -> OfferedTool:
    annotations = entry.get("annotations")
    return OfferedTool(
        name=_text(entry, "name"),
        description=_text(entry, "description"),
        input_schema=entry.get("inputSchema"),
        output_schema=entry.get("outputSchema"),
        annotations=annotations if isinstance(annotations, dict) else {},
    )


def _resource(entry: Mapping[str, Any]) -> OfferedResource:
    return OfferedResource(
        uri=_text(entry, "uri"),
        name=_text(entry, "name"),
        description=_text(entry, "description"),
        mime_type=_text(entry, "mimeType"),
    )


def _template(entry: Mapping[str, Any]) -> OfferedTemplate:
    return OfferedTemplate(
        uri_template=_text(entry, "uriTemplate"),
        name=_text(entry, "name"),
        description=_text(entry, "description"),
        mime_type=_text(entry, "mimeType"),
    )


def _prompt(entry: Mapping[str, Any]) -> OfferedPrompt:
    arguments = _objects(entry.get("arguments"))
    return OfferedPrompt(
        name=_text(entry, "name"),
        description=_text(entry, "description"),
        arguments=tuple(
            OfferedArgument(
                name=_text(argument, "name"),
                description=_text(argument, "description"),
                required=argument.get("required") is True,
            )
            for argument in arguments
            if _text(argument, "name")
        ),
    )


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""
