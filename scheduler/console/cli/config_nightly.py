"""Says what is wrong with `nightly` of a configuration, with its line. What is right, `NightlySchedule` knows."""

from typing import Any

from pydantic import ValidationError

from harness.suites.findings import Findings, quoted
from harness.suites.tree import Entry, ListNode, MapNode, Mark, kind_of, plain


def check_nightly(entry: Entry, findings: Findings) -> None:
    """Add every problem that would keep `serve` from starting with this schedule; null is none."""
    from scheduler.settings import NightlySchedule  # slow to load, and few configurations have one

    value = plain(entry.node)
    if not isinstance(entry.node, MapNode):
        if value is not None:
            findings.error(entry.node.mark, f"nightly: expected keys such as at and paths, found {kind_of(value)}")
        return
    try:
        NightlySchedule.model_validate(value)
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            message, hint = _sentence(problem, NightlySchedule.model_fields, findings)
            findings.error(_mark_of(entry, problem), message, hint)


def _sentence(problem: Any, known: dict[str, Any], findings: Findings) -> tuple[str, str]:
    name, key = str(problem["loc"][0]), ".".join(map(str, ("nightly", *problem["loc"])))
    if problem["type"] == "extra_forbidden":
        return f"unknown key {quoted(key)}", findings.did_you_mean(name, known) or f"known: {', '.join(known)}"
    meaning = known[name].description
    if problem["type"] == "missing":
        return f"{key} is missing", f"give {meaning}"
    return f"{key}: {f'expected {meaning}' if meaning else problem['msg']}, found {_shown(problem['input'])}", ""


def _shown(found: object) -> str:
    return quoted(found) if isinstance(found, str) else kind_of(found) if found else "nothing"


def _mark_of(entry: Entry, problem: Any) -> Mark:
    """The place of a value, or of the key that should not be there; of the schedule for what is missing."""
    node, mark = entry.node, entry.key_mark
    for part in problem["loc"]:
        if isinstance(node, MapNode) and part in node.entries:
            below = node.entries[part]
            node, mark = below.node, below.key_mark
        elif isinstance(node, ListNode):
            node = node.items[part]
    return mark if problem["type"] in ("missing", "extra_forbidden") else node.mark
