"""Tables of keys: what a key is called, what it may hold, what it means, and how an example has it. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from harness.models.wire import Authored
from harness.suites.reference.kinds import kinds_of
from harness.suites.reference.occurrences import Key, Occurrence, key_of
from harness.suites.spellings import OF_MAPPINGS, QUIET, SPELLINGS
from harness.yaml_values import key, value

MAX_SHOWN = 60
"""Characters of an example in a table."""
HEAD = "| key | value | meaning | example |\n|---|---|---|---|"
_MODEL = re.compile(r"\{(\w+)\}")


def table_of(
    model: type[Authored],
    names: Sequence[str],
    found: Mapping[Key, Sequence[Occurrence]],
    link: Callable[[str], str],
) -> str:
    """The rows of these keys below a head. `link`: the name of a model → a link to its table."""
    kinds = kinds_of(model)
    rows = (
        (
            " or ".join(f"`{spelling}`" for spelling in _spellings(model, name)),
            _MODEL.sub(lambda braced: link(braced[1]), kinds[name]),
            _in_cell(model.model_fields[name].description or ""),
            _example(found.get(key_of(model, name), ())),
        )
        for name in names
    )
    return "\n".join((HEAD, *(f"| {' | '.join(row)} |" for row in rows)))


def _spellings(model: type[Authored], name: str) -> Iterator[str]:
    """Its name, and other spellings that are taken without a word."""
    yield name
    for other, ours in {**SPELLINGS.get(model, {}), **OF_MAPPINGS.get(model, {})}.items():
        if ours == name and other in QUIET:
            yield other


def _example(there: Sequence[Occurrence]) -> str:
    """The first occurrence that can be shown whole, or else the first; empty where there is none."""
    shown = [(f"{key(occurrence.written)}: {value(occurrence.value)}", occurrence) for occurrence in there]
    if not shown:
        return ""
    written, occurrence = next((pair for pair in shown if len(pair[0]) <= MAX_SHOWN), shown[0])
    cut = written if len(written) <= MAX_SHOWN else f"{written[: MAX_SHOWN - 1].rstrip()}…"
    return f"[`{_in_cell(cut)}`]({occurrence.file}#L{occurrence.line})"


def _in_cell(text: str) -> str:
    return text.replace("|", r"\|")
