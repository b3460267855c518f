"""Tries candidates against a live server, and says what a suite may expect of each: the same judge decides as in a run.

Each is tried twice, on two servers with a sandbox of their own: what differs between them (a path, a time, a number
that was counted up) is not expected to be equal.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue
from uritemplate import URITemplate

from harness.checks.answer import Answer
from harness.checks.judge import judge
from harness.checks.show import type_name
from harness.discovery.arguments import SANDBOX
from harness.discovery.candidates import Candidate, Subject
from harness.errors import ServerFault
from harness.expectations import filled
from harness.mcp.sandbox import Sandbox, names_in
from harness.mcp.subjects import request
from harness.models.expected import Expected, FieldExpectation, FieldType
from harness.models.job import PlannedCall
from harness.models.method import Method
from harness.safe_text import one_line
from harness.templates import fill_all, fill_text

if TYPE_CHECKING:
    from harness.mcp.session import Session

MAX_EXACT, MAX_MEMBERS, MAX_TROUBLE = 120, 5, 200
_VARIES = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d|\d{10,}|0x[0-9a-fA-F]{6,}|[0-9a-f]{12,}")
"""Dates, times, addresses, hashes: equal twice in a second is not equal tomorrow."""
_TEXT = {Subject.TOOL: "$.content[0]", Subject.RESOURCE: "$.contents[0]", Subject.PROMPT: "$.messages[0].content"}
_PLAIN_MEMBER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")


@dataclass(frozen=True)
class Tried:
    """A candidate, and what came of it: input and expectation of a test that passes, or why there is none."""

    candidate: Candidate
    input: Mapping[str, JsonValue] | None = None
    expected: Expected | None = None
    trouble: str = ""


@dataclass(frozen=True)
class Place:
    """An open session and the sandbox that its server runs in."""

    session: "Session"
    sandbox: Sandbox


Open = Callable[[], Awaitable[Place]]


class Trial:
    """Tries one candidate after the other. `open_place` starts a server in a fresh sandbox; its owner ends it."""

    def __init__(self, open_place: Open, *, timeout_s: float) -> None:
        self._open, self._timeout_s = open_place, timeout_s
        self._places: list[Place] = []

    async def run(self, candidate: Candidate) -> Tried:
        """What came of it. Raises ServerUnavailable when the server cannot be started again."""
        trouble = candidate.trouble
        for given in candidate.inputs:
            try:
                places = await self._two()
                answers = await asyncio.gather(*(self._answer(place, candidate, given) for place in places))
            except ServerFault as fault:
                trouble = trouble or one_line(str(fault), MAX_TROUBLE)
                continue
            expected, why = expectation(candidate, answers, [place.sandbox for place in places])
            if expected is not None:
                return Tried(candidate, given, expected)
            trouble = trouble or why
        return Tried(candidate, trouble=trouble or "nothing to try")

    async def _two(self) -> list[Place]:
        self._places = [place for place in self._places if place.session.alive]
        while len(self._places) < 2:
            self._places.append(await self._open())
        return self._places

    async def _answer(self, place: Place, candidate: Candidate, given: Mapping[str, JsonValue]) -> Answer:
        call = call_of(candidate, given, place.sandbox)
        return (await request(place.session, call, timeout_s=self._timeout_s)).answer


def call_of(candidate: Candidate, given: Mapping[str, JsonValue], sandbox: Sandbox) -> PlannedCall:
    """The request that a run will make of the test."""
    names = names_in(sandbox)
    values = fill_all(dict(given), names)
    assert isinstance(values, dict)
    if candidate.method is not Method.READ_RESOURCE:
        return PlannedCall(method=candidate.method, name=candidate.owner, input=values)
    uri = values.get("uri")
    if not isinstance(uri, str):
        variables: dict[str, Any] = {key: str(value) for key, value in values.items()}
        uri = str(URITemplate(fill_text(candidate.uri, names)).expand(variables))
    return PlannedCall(method=candidate.method, name=uri)


def expectation(
    candidate: Candidate, answers: Sequence[Answer], sandboxes: Sequence[Sandbox]
) -> tuple[Expected | None, str]:
    """What may be expected of both answers, or why nothing is. Pure."""
    first, second = answers
    if first.is_error != second.is_error:
        return None, "its answer changes from call to call"
    if first.is_error is not candidate.refused:
        return None, _said(first, sandboxes[0]) if first.is_error else "the server accepts it"
    expected = _of_error(answers) if candidate.refused else _of_result(candidate, answers, sandboxes)
    for answer, sandbox in zip(answers, sandboxes, strict=True):
        failures = judge(filled(expected, names_in(sandbox)), answer).failures
        if failures:
            return None, one_line(f"its answer does not hold what it seems to: {failures[0]}", MAX_TROUBLE)
    return expected, ""


def _of_error(answers: Sequence[Answer]) -> Expected:
    codes = {answer.error.code if answer.error else None for answer in answers}
    code = codes.pop() if len(codes) == 1 else None
    return Expected(error=True) if code is None else Expected(error=True, error_code=code)


def _of_result(candidate: Candidate, answers: Sequence[Answer], sandboxes: Sequence[Sandbox]) -> Expected:
    fields = [*_text_fields(candidate, answers, sandboxes), *_structure_fields(answers)]
    return Expected(fields=tuple(fields)) if fields else Expected()


def _text_fields(
    candidate: Candidate, answers: Sequence[Answer], sandboxes: Sequence[Sandbox]
) -> Iterable[FieldExpectation]:
    """What the first block of content is; its text, where it is short and the same everywhere."""
    path = _TEXT[candidate.subject]
    blocks = [_first_block(candidate.subject, answer.result or {}) for answer in answers]
    kinds = {block.get("type") for block in blocks}
    if candidate.subject is not Subject.RESOURCE and len(kinds) == 1 and isinstance(kind := kinds.pop(), str):
        yield FieldExpectation(path=f"{path}.type", value=kind)
    texts = [block.get("text") for block in blocks]
    if all(isinstance(text, str) and text for text in texts):
        yield _text_field(f"{path}.text", [str(text) for text in texts], sandboxes)


def _text_field(path: str, texts: Sequence[str], sandboxes: Sequence[Sandbox]) -> FieldExpectation:
    written = {
        text.replace("${", "$${").replace(str(sandbox.path), SANDBOX)
        for text, sandbox in zip(texts, sandboxes, strict=True)
    }
    text = written.pop()
    if not written and len(text) <= MAX_EXACT and text.replace("\n", "").isprintable() and not _VARIES.search(text):
        return FieldExpectation(path=path, value=text)
    return FieldExpectation(path=path, field_type=FieldType.STRING, min_length=1)


def _structure_fields(answers: Sequence[Answer]) -> Iterable[FieldExpectation]:
    """The types of the first members of the structured content."""
    found = [(answer.result or {}).get("structuredContent") for answer in answers]
    both: list[dict[str, Any]] = [structure for structure in found if isinstance(structure, dict)]
    if len(both) < len(found):
        return
    for name in [name for name in both[0] if _PLAIN_MEMBER.fullmatch(name)][:MAX_MEMBERS]:
        kinds = {type_name(structure.get(name)) for structure in both if structure.get(name) is not None}
        if len(kinds) == 1 and all(structure.get(name) is not None for structure in both):
            yield FieldExpectation(path=f"$.structuredContent.{name}", field_type=FieldType(kinds.pop()))


def _first_block(subject: Subject, result: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = result.get({Subject.TOOL: "content", Subject.RESOURCE: "contents"}.get(subject, "messages"))
    block = found[0] if isinstance(found, list) and found else {}
    if subject is Subject.PROMPT and isinstance(block, dict):
        block = block.get("content")
    return block if isinstance(block, dict) else {}


def _said(answer: Answer, sandbox: Sandbox) -> str:
    said = answer.error.message if answer.error else _first_block(Subject.TOOL, answer.result or {}).get("text")
    return one_line(f"the server answered with an error: {said}".replace(str(sandbox.path), SANDBOX), MAX_TROUBLE)
