"""The requests that a test can make of a server."""

from enum import StrEnum


class Method(StrEnum):
    """What a test asks of a server."""

    CALL_TOOL = "tools/call"
    LIST_TOOLS = "tools/list"
    LIST_RESOURCES = "resources/list"
    LIST_TEMPLATES = "resources/templates/list"
    READ_RESOURCE = "resources/read"
    SUBSCRIBE = "resources/subscribe"
    LIST_PROMPTS = "prompts/list"
    GET_PROMPT = "prompts/get"
    COMPLETE = "completion/complete"
    PING = "ping"
    INITIALIZE = "initialize"  # looks at what the server said when its session began
