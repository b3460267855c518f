"""What a live server offers, as it says itself: the result of `discover`, and what `generate` starts from."""

from pydantic import Field, JsonValue

from harness.models.wire import Wire


class OfferedTool(Wire):
    """One tool. `annotations` are hints of the server's own: nobody checks them."""

    name: str
    description: str = ""
    input_schema: JsonValue = None
    output_schema: JsonValue = None
    annotations: dict[str, JsonValue] = Field(default_factory=dict)


class OfferedResource(Wire):
    """One resource."""

    uri: str
    name: str = ""
    description: str = ""
    mime_type: str = ""


class OfferedTemplate(Wire):
    """One template of resources."""

    uri_template: str
    name: str = ""
    description: str = ""
    mime_type: str = ""


class OfferedArgument(Wire):
    """One argument of a prompt."""

    name: str
    description: str = ""
    required: bool = False


class OfferedPrompt(Wire):
    """One prompt."""

    name: str
    description: str = ""
    arguments: tuple[OfferedArgument, ...] = ()


class Offer(Wire):
    """All of it, in the order of the server's lists."""

    schema_version: int = 1
    server_name: str
    server_version: str = ""
    protocol_version: str = Field(description="the revision that it chose")
    revisions: tuple[str, ...] = Field(default=(), description="revisions that it chose when they were offered")
    capabilities: dict[str, JsonValue] = Field(default_factory=dict)
    instructions: str = ""
    tools: tuple[OfferedTool, ...] = ()
    resources: tuple[OfferedResource, ...] = ()
    templates: tuple[OfferedTemplate, ...] = ()
    prompts: tuple[OfferedPrompt, ...] = ()
    notes: tuple[str, ...] = Field(default=(), description="lists that it did not give, noise on stdout, …")
