"""What is wrong with an HTTP answer that carries no MCP message, in one phrase for the report. Pure."""

from dataclasses import dataclass
from http import HTTPStatus

from harness.mcp.findings import shown
from harness.safe_text import one_line

SHOWN_BYTES = 500
JSON, EVENTS = "application/json", "text/event-stream"


@dataclass(frozen=True)
class Head:
    """What the first lines of an HTTP answer say."""

    status: int
    content_type: str = ""
    location: str = ""
    challenge: str = ""

    @property
    def kind(self) -> str:
        """Its content type without parameters."""
        return self.content_type.partition(";")[0].strip().lower()

    @property
    def is_success(self) -> bool:
        """Whether it says that all is well."""
        return 200 <= self.status < 300

    @property
    def status_text(self) -> str:
        """`HTTP 404 Not Found`; our own words, never those of the server."""
        try:
            return f"HTTP {self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"HTTP {self.status}"


def refusal(head: Head, body: bytes) -> str:
    """Why this answer to a request is none. `body` is its beginning."""
    if 300 <= head.status < 400:
        where = one_line(head.location, 200) or "nowhere"
        return f"{head.status_text}: it redirects to {where}, which is not followed; give that as 'url' if it is meant"
    if head.status in (401, 403, 407):
        asks = f" (it asks for {one_line(head.challenge, 200)})" if head.challenge else ""
        return f"{head.status_text}{asks}; give 'bearer_token' or 'headers' that it accepts{_begins(body)}"
    if not head.is_success:
        return f"{head.status_text}{_begins(body)}"
    if head.status in (202, 204) or not body:
        return f"{head.status_text} without an answer, although a request was sent"
    found = repr(one_line(head.content_type, 80)) if head.content_type else "none"
    return f"its answer must have the content type {JSON} or {EVENTS}, not {found}{_begins(body)}"


def _begins(body: bytes) -> str:
    return f"; it begins with {shown(body)}" if body.strip() else ""
