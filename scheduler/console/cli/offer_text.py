"""What a server offers as text for people. Pure; safe to print; its own words never begin a line."""

from collections.abc import Iterator

from pydantic import JsonValue

from harness.checks.show import show
from harness.discovery.arguments import properties_of, required_of, types_of
from harness.discovery.candidates import is_destructive
from harness.discovery.offer import Offer, OfferedPrompt, OfferedTool
from harness.safe_text import one_line

MAX_NAME, MAX_DESCRIPTION, MAX_ARGUMENTS, MAX_LISTED = 120, 160, 30, 200


def offer_lines(offer: Offer) -> Iterator[str]:
    """The server, then what it offers, each thing with its arguments."""
    yield f"server        {_name(offer.server_name)} {_name(offer.server_version)}".rstrip()
    yield f"revision      {_name(offer.protocol_version)}" + (
        f"   also {', '.join(map(_name, others))}"
        if (others := [one for one in offer.revisions if one != offer.protocol_version])
        else ""
    )
    yield f"capabilities  {', '.join(map(_name, sorted(offer.capabilities))) or 'none'}"
    if offer.instructions:
        yield f"instructions  {one_line(offer.instructions, MAX_DESCRIPTION)}"
    yield from _section("tools", len(offer.tools), (line for tool in offer.tools[:MAX_LISTED] for line in _tool(tool)))
    resources = (_line(entry.uri, entry.mime_type, entry.description) for entry in offer.resources[:MAX_LISTED])
    yield from _section("resources", len(offer.resources), resources)
    templates = (
        _line(entry.uri_template, entry.mime_type, entry.description) for entry in offer.templates[:MAX_LISTED]
    )
    yield from _section("templates", len(offer.templates), templates)
    prompts = (line for prompt in offer.prompts[:MAX_LISTED] for line in _prompt(prompt))
    yield from _section("prompts", len(offer.prompts), prompts)
    yield from (f"note          {_description(note)}" for note in offer.notes)


def _section(title: str, count: int, lines: Iterator[str]) -> Iterator[str]:
    if count:
        yield ""
        yield f"{title}  {count:,}"
        yield from lines
        if count > MAX_LISTED:
            yield f"  and {count - MAX_LISTED:,} more; --json has them all"


def _tool(tool: OfferedTool) -> Iterator[str]:
    yield _line(tool.name, "may change things" if is_destructive(tool) else "", tool.description)
    required = required_of(tool.input_schema)
    for name, schema in list(properties_of(tool.input_schema).items())[:MAX_ARGUMENTS]:
        yield _argument(name, "|".join(types_of(schema)), name in required, _about(schema))


def _prompt(prompt: OfferedPrompt) -> Iterator[str]:
    yield _line(prompt.name, "", prompt.description)
    for argument in prompt.arguments[:MAX_ARGUMENTS]:
        yield _argument(argument.name, "string", argument.required, argument.description)


def _line(name: str, kind: str, description: str) -> str:
    parts = (_name(name), f"[{_name(kind)}]" if kind else "", _description(description))
    return "  " + "   ".join(part for part in parts if part)


def _argument(name: str, kind: str, required: bool, about: str) -> str:
    word = "required" if required else "optional"
    return f"      {_name(name):20} {word}  {_name(kind) or 'any':10} {_description(about)}".rstrip()


def _about(schema: JsonValue) -> str:
    if not isinstance(schema, dict):
        return ""
    choices = f"one of {show(schema['enum'], 100)}" if isinstance(schema.get("enum"), list) else ""
    default = f"default {show(schema['default'], 60)}" if "default" in schema else ""
    said = schema.get("description")
    return "; ".join(part for part in (said if isinstance(said, str) else "", choices, default) if part)


def _name(text: str) -> str:
    return one_line(text, MAX_NAME)


def _description(text: str) -> str:
    return one_line(text.strip().split("\n", 1)[0], MAX_DESCRIPTION)
