"""Conditions of the v1 format → our expressions: `!server.capabilities.x` is `not has(server.capabilities, "x")`.

The format has the operators of C and of Python mixed, and looks for capabilities that a server need not name.
"""

import re

_WHOLE_PLACE = re.compile(r"\s*\$\{([^{}]*)\}\s*")
_TOKEN = re.compile(
    r"""
    (?P<quoted>"[^"]*"|'[^']*')
    |[ ]*(?P<joint>&&|\|\|)[ ]*
    |(?P<operator>===|!==|!=|!)
    |(?P<capability>\bserver\.capabilities\.(?P<name>\w+)(?![\w.\[]))
    |(?P<environment>\benv\.(?P<variable>[A-Za-z_]\w*))
    """,
    re.VERBOSE,
)
_JOINTS = {"&&": " and ", "||": " or "}
_OPERATORS = {"===": "==", "!==": "!=", "!=": "!=", "!": "not "}


def expression_of(condition: str) -> str:
    """The same condition in our words. What is no expression stays none: the loader says so."""
    whole = _WHOLE_PLACE.fullmatch(condition)
    return _TOKEN.sub(_translated, whole[1] if whole else condition).strip()


def _translated(found: re.Match[str]) -> str:
    if found["joint"]:
        return _JOINTS[found["joint"]]
    if found["operator"]:
        return _OPERATORS[found["operator"]]
    if found["capability"]:
        return f'has(server.capabilities, "{found["name"]}")'
    if found["environment"]:
        return found["variable"]
    return found[0]
