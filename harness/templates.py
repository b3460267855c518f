"""`${…}` in texts: an expression, put in its place once. What comes out is never looked at again. Pure.

A text that is one `${…}` and nothing else becomes the value itself, of whatever type. `$${` stands for `${`. Three
kinds of names are known at three moments: variables and `matrix` when a suite is loaded, `target` when it is planned,
`sandbox`, `port`, `steps` and `secret:NAME` in the worker. Each moment fills in what it knows and leaves the rest.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from harness.expressions import compile_expression, text_of

LATER = frozenset({"sandbox", "port", "steps", "target"})
"""Names that nobody knows before a suite is planned or run."""
SECRET = "secret:"
MAX_FILLED_CHARACTERS = 1024 * 1024
_PLACE = re.compile(r"(\$?)\$\{([^{}]*)\}")
_WITH_DEFAULT = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*):-(.*)", re.DOTALL)


@dataclass(frozen=True)
class Names:
    """What a moment knows. Texts with a name of `later` are left as they are; `$${` too, unless this is the last."""

    values: Mapping[str, JsonValue] = field(default_factory=dict)
    later: frozenset[str] = frozenset()
    secret: Callable[[str], str] | None = None

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after this."""
        return not self.later


def has_places(text: str) -> bool:
    """Whether there is anything to fill in."""
    return "${" in text


def fill(text: str, names: Names) -> JsonValue:
    """`text` with what `names` know. Raises ValueError in one sentence, naming the place."""
    whole = _PLACE.fullmatch(text)
    if whole and not whole[1]:
        return _value(whole, names)
    return _PLACE.sub(lambda place: text_of(_value(place, names)), text) if has_places(text) else text


def fill_all(value: JsonValue, names: Names) -> JsonValue:
    """The same for every text in a value; names of members stay."""
    if isinstance(value, str):
        return fill(value, names)
    if isinstance(value, list):
        return [fill_all(item, names) for item in value]
    if isinstance(value, dict):
        return {key: fill_all(member, names) for key, member in value.items()}
    return value


def fill_text(text: str, names: Names) -> str:
    """The same where only a text can stand."""
    return text_of(fill(text, names))


def _value(place: re.Match[str], names: Names) -> JsonValue:
    if place[1]:
        return place[0][1:] if names.is_last else place[0]
    inside = place[2].strip()
    try:
        if inside.startswith(SECRET):
            return place[0] if names.secret is None else names.secret(inside.removeprefix(SECRET))
        if with_default := _WITH_DEFAULT.fullmatch(inside):
            return names.values.get(with_default[1], with_default[2])
        expression = compile_expression(inside)
        late = expression.names & names.later
        if late and (mixed := expression.names & names.values.keys()):
            raise ValueError(f"'{min(late)}' is known later than '{min(mixed)}'; use two places")
        return place[0] if late else expression.evaluate(names.values)
    except ValueError as problem:
        raise ValueError(f"{place[0][:80]}: {problem}") from None
