"""From what an attempt left behind to its evidence: built, cut to size, and named in the record.

What failed, was flaky or warned is kept whole, as far as it fits; of what passed only what the keeper asks for.
"""

import asyncio
import gzip
import json
from collections.abc import Mapping

from pydantic import JsonValue

from harness.checks.subject import document
from harness.clip import Clipper, Limits
from harness.draft import Draft
from harness.errors import NotKept
from harness.leasing import AttemptContext, EvidenceKeeper
from harness.mcp.observation import Observation
from harness.models.attempt import Artefact, AttemptRecord, CheckFailure
from harness.models.evidence import MAX_EVIDENCE_BYTES, Evidence, Exchange
from harness.models.outcomes import AttemptOutcome
from harness.safe_text import one_line
from harness.trace import Asked

LARGE_BYTES = 64 * 1024
MAX_HELD = 200
BUDGETS = tuple(Limits(budget, budget // 2, 2_000, 20) for budget in (200_000, 40_000, 8_000, 1_000))
"""Of one request or answer: the first with which all of it fits."""


async def with_evidence(draft: Draft, context: AttemptContext) -> AttemptRecord:
    """The record of the attempt, once all that it names is kept. What cannot be kept is a note."""
    keeper = context.keeper
    if keeper is None or not draft.facts:
        return draft.record()
    artefacts = await _kept_files(draft, context, keeper)
    digest = await _kept_evidence(draft, context, keeper) if _is_wanted(draft, context, keeper) else ""
    record = draft.record()
    return record.model_copy(update={"evidence": digest, "artefacts": artefacts}) if digest or artefacts else record


def build_evidence(draft: Draft, limits: Limits) -> Evidence:
    """All of the attempt, printable, each request and answer within `limits`."""
    asked = draft.trace.all()
    return Evidence(
        exchanges=tuple(_exchange(one, draft.begun, limits) for one in asked),
        exchanges_left_out=draft.trace.left_out,
        failures=draft.failures,
        held=tuple(held for one in asked for held in one.held)[:MAX_HELD],
        stderr=draft.stderr(),
        script_output=draft.script_output,
    )


async def _kept_evidence(draft: Draft, context: AttemptContext, keeper: EvidenceKeeper) -> str:
    """Its digest; empty, with a note, when it could not be kept."""
    try:
        return await keeper.keep(await _packed(draft, keeper), context)
    except NotKept as problem:
        draft.note(f"no evidence of it was kept: {problem}")
        return ""


async def _packed(draft: Draft, keeper: EvidenceKeeper) -> bytes:
    """It as it travels, in the fullest form that fits. Raises NotKept when none does."""
    for limits in BUDGETS:
        shown = keeper.scrub_value(build_evidence(draft, limits).model_dump(mode="json"))
        written = json.dumps(shown, ensure_ascii=False).encode()
        is_large = len(written) > LARGE_BYTES
        packed = await asyncio.to_thread(_compress, written) if is_large else _compress(written)
        if len(packed) <= MAX_EVIDENCE_BYTES:
            return packed
    raise NotKept("it is too large")


def _compress(written: bytes) -> bytes:
    return gzip.compress(written, compresslevel=6, mtime=0)


def _is_wanted(draft: Draft, context: AttemptContext, keeper: EvidenceKeeper) -> bool:
    """A retry may make its test flaky; the farm, not we, knows the attempts before."""
    is_plain = draft.outcome is AttemptOutcome.PASSED and not draft.warnings and not context.fresh
    return not is_plain or keeper.wants(draft.test, context)


async def _kept_files(draft: Draft, context: AttemptContext, keeper: EvidenceKeeper) -> tuple[Artefact, ...]:
    kept = []
    for made in draft.files:
        try:
            if keeper.scrub(made.content) != made.content:
                raise NotKept("it holds a secret; add a redaction for it")
            digest = await keeper.keep(made.content, context)
        except NotKept as problem:
            draft.warn(CheckFailure(check=made.kind, path=made.path, expected="kept", actual=f"not kept: {problem}"))
        else:
            kept.append(Artefact(kind=made.kind, path=made.path, digest=digest, size_bytes=len(made.content)))
    return tuple(kept)


def _exchange(asked: Asked, attempt_begun: float, limits: Limits) -> Exchange:
    clipper, observation = Clipper(limits), asked.observation
    request = clipper.clip(dict(asked.params))
    response = None if observation is None else Clipper(limits)
    shown = response.clip(_answer(observation)) if response and observation else None
    return Exchange(
        step=one_line(asked.label, 200),
        method=asked.method,
        name=one_line(asked.name, 200),
        request=request,
        response=shown,
        request_bytes=_size(asked.params),
        response_bytes=asked.response_bytes,
        is_error=observation is not None and observation.answer.is_error,
        is_cut=clipper.is_cut or (response is not None and response.is_cut) or asked.is_forgotten,
        begins_s=max(0.0, asked.begins_at - attempt_begun),
        took_s=asked.took_s,
    )


def _answer(observation: Observation) -> JsonValue:
    """As the server sent it, or the error with which it answered."""
    answer = observation.answer
    return dict(answer.result) if answer.result is not None else document(answer)


def _size(params: Mapping[str, JsonValue]) -> int:
    return len(json.dumps(params, ensure_ascii=False).encode("utf-8", "replace"))
