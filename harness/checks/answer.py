"""What a server answered to one call: the value that every check judges. Owns no rule about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RpcError:
    """A JSON-RPC error object. `data` is None when the server sent none."""

    code: int
    message: str
    data: Any = None


@dataclass(frozen=True)
class Answer:
    """Either a raw tool result as JSON (`result`), or a JSON-RPC error (`error`); never both, never neither."""

    result: Mapping[str, Any] | None = None
    error: RpcError | None = None

    def __post_init__(self) -> None:
        if (self.result is None) == (self.error is None):
            raise ValueError("an answer is a result or an error, one of them")

    @property
    def is_tool_error(self) -> bool:
        """True for a result that says `isError: true`. An absent `isError` counts as false."""
        return self.result is not None and self.result.get("isError") is True

    @property
    def is_error(self) -> bool:
        """True for both kinds of error: the JSON-RPC one and the tool's own."""
        return self.error is not None or self.is_tool_error
