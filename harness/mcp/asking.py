"""Asks the server through the SDK's session, and keeps what came on the wire beside what the SDK made of it."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from harness.checks.answer import Answer, RpcError
from harness.mcp.exchanges import ASKING, Exchange
from harness.mcp.incoming import first_error
from harness.mcp.sdk import ClientSession, MCPError, types


class Asked(Exchange):
    """An exchange through the SDK. `typed` is the SDK's model of the result; `problem` says why there is none."""

    __slots__ = ("problem", "typed")

    def __init__(self, method: str) -> None:
        super().__init__(method)
        self.typed: BaseModel | None = None
        self.problem: Exception | None = None

    @property
    def result(self) -> Mapping[str, Any] | None:
        """The result as the server sent it, even if the SDK refuses it; None for an error or no answer."""
        return self.reply.result if isinstance(self.reply, types.JSONRPCResponse) else None

    @property
    def answer(self) -> Answer | None:
        """What the server answered; None when it did not, or not validly."""
        if self.reply is None or self.fault:
            return None
        if isinstance(self.reply, types.JSONRPCError):
            error = self.reply.error
            return Answer(error=RpcError(error.code, error.message, error.data))
        return Answer(result=self.reply.result)

    @property
    def refusal(self) -> str:
        """Why a result that came is not valid in the session's revision, as one phrase; empty when it is."""
        if self.result is None or self.problem is None or isinstance(self.problem, MCPError):
            return ""
        if isinstance(self.problem, ValidationError):
            return first_error(self.problem)
        return f"{type(self.problem).__name__}: {self.problem}"


async def ask(client: ClientSession, request: types.ClientRequest, result: type[BaseModel], asked: Asked) -> None:
    """Send `request` and wait for its end, which `asked` then tells."""
    ASKING.set(asked)
    try:
        asked.typed = await client.send_request(request, result)
    except Exception as problem:  # the edge of the SDK: what it raises is told by `asked`
        asked.problem = problem
