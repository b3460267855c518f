"""The check `security_constraints`: searches all texts of an answer for what it should not give away.

It can prove that something leaks, never that nothing does. What it finds is named by its place and its kind, and never
shown: a report is no place for a password.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.checks.budget import Budget
from harness.checks.case import Case, Found
from harness.checks.paths import written_keys
from harness.checks.pattern import compile_pattern
from harness.checks.query import keys_of
from harness.checks.sandbox_paths import paths_outside
from harness.checks.show import Mismatch, show
from harness.checks.subject import document
from harness.checks.texts import texts_in
from harness.models.expected import ConstraintType

MAX_FOUND = 20
MAX_KEY = 100
STEPS_OF_HINTS = 20  # passes over a text, to see whether it is worth a pattern


@dataclass(frozen=True)
class Kind:
    """Something to look for. A text without any of the `hints`, in capitals or not, does not hold it.

    `keys`: the same where a member of that name holds a text.
    """

    name: str
    hints: tuple[str, ...]
    pattern: str
    keys: str = ""


_UNMASKED = r"[^\s\"'*<\[{(]"  # what a value begins with that nobody has masked: not `***`, `<hidden>`, `[redacted]`
_PASSWORD = r"(pass(word|wd|phrase)?|pwd)"
_TOKEN = r"(api[_-]?key|access[_-]?token|auth[_-]?token|secret[_-]?key|client[_-]?secret)"

PASSWORDS = (
    Kind(
        "a password",
        ("pass", "pwd"),
        rf"(?i)(^|[^a-z0-9]){_PASSWORD}[\"']?\s*[:=]\s*[\"']?{_UNMASKED}",
        rf"(?i)^(\w*[_-])?{_PASSWORD}$",
    ),
    Kind("a password in a URL", ("://",), rf"[a-z]://[^\s/:@]+:{_UNMASKED}[^\s/@]*@"),
    Kind("a private key", ("-----begin",), r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    Kind("a password hash", ("$",), r"\$(2[aby]|5|6|y|argon2id?)\$[A-Za-z0-9./=,$+-]{20}"),
)
API_KEYS = (
    Kind("an AWS access key", ("akia", "asia"), r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    Kind("a GitHub token", ("gh", "github_pat"), r"\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})"),
    Kind("a GitLab token", ("glpat",), r"\bglpat-[A-Za-z0-9_-]{20}"),
    Kind("a Slack token", ("xox",), r"\bxox[abprs]-[A-Za-z0-9-]{10}"),
    Kind("a Google API key", ("aiza",), r"\bAIza[0-9A-Za-z_-]{35}"),
    Kind("a secret key", ("sk-", "sk_", "rk_", "rk-"), r"\b[sr]k[-_][A-Za-z0-9_-]{20}"),
    Kind("a JSON Web Token", ("eyj",), r"\beyJ[A-Za-z0-9_-]{10}[A-Za-z0-9_-]*\.eyJ[A-Za-z0-9_-]{10}"),
    Kind("a bearer token", ("bearer",), r"(?i)\bbearer\s+[A-Za-z0-9._~+/-]{20}"),
    Kind(
        "an API key",
        ("key", "token", "secret"),
        rf"(?i)(^|[^a-z0-9]){_TOKEN}[\"']?\s*[:=]\s*[\"']?[A-Za-z0-9._~+/-]{{16}}",
        rf"(?i)^(\w*[_-])?{_TOKEN}$",
    ),
)
TRAVERSALS = (
    Kind("a path that leads upwards", ("..",), r"(^|[\s\"'=/\\])\.\.[/\\]+\.\.[/\\]"),
    Kind("lines of /etc/passwd", (":",), r"(?m)^(root|daemon|bin):[^:\n]*:\d+:\d+:"),
    Kind("lines of /etc/shadow", ("root:",), r"(?m)^root:[^:\n]*:\d\d\d\d\d?:"),
    Kind("lines of a Windows system file", ("[",), r"(?i)\[(boot loader|extensions|mci extensions)\]"),
)


def gives_nothing_away(case: Case) -> Iterator[Found]:
    """One failure for each kind and place, at most twenty of them."""
    names = [each.constraint_type for each in case.expected.security_constraints if each.enabled]
    found = (each for name in dict.fromkeys(names) for each in _CONSTRAINTS[name](case))
    for _, each in zip(range(MAX_FOUND), found, strict=False):
        yield each


def _searching(words: str, kinds: tuple[Kind, ...]) -> Callable[[Case], Iterator[Found]]:
    def judge(case: Case) -> Iterator[Found]:
        for steps, key, text in texts_in(document(case.answer), case.budget):
            case.budget.spend_text(len(text) * STEPS_OF_HINTS)
            lowered = text.lower()
            for kind in kinds:
                if _is_there(kind, text, lowered, case.budget) or _is_under(kind, key, text, case.budget):
                    yield Found(Mismatch(words, f"{kind.name}, not shown here"), _path(steps), "string")

    return judge


def _is_there(kind: Kind, text: str, lowered: str, budget: Budget) -> bool:
    if not any(hint in lowered for hint in kind.hints):
        return False
    return compile_pattern(kind.pattern).is_found_in(text, budget)


def _is_under(kind: Kind, key: str, text: str, budget: Budget) -> bool:
    if not kind.keys or not key or len(key) > MAX_KEY:
        return False
    is_named = compile_pattern(kind.keys).is_found_in(key, budget)
    return is_named and compile_pattern("^" + _UNMASKED).is_found_in(text[:MAX_KEY], budget)


def _respects_sandbox(case: Case) -> Iterator[Found]:
    """No absolute path in a successful answer leads out of the sandbox. A refusal may name what it refuses."""
    words = "no path outside the sandbox"
    if case.inputs.sandbox is None:
        yield Found(Mismatch(words, "this cannot be checked: the server has no sandbox of ours"))
        return
    if case.answer.is_error:
        return
    for steps, _, text in texts_in(document(case.answer), case.budget):
        for path in paths_outside(text, case.inputs.sandbox, case.budget):
            yield Found(Mismatch(words, show(path, 200)), _path(steps), "string")


def _path(steps: tuple[Any, ...]) -> str:
    return "$" + written_keys(keys_of(steps))


_CONSTRAINTS: Mapping[ConstraintType, Callable[[Case], Iterator[Found]]] = {
    ConstraintType.NO_PASSWORDS: _searching("no password", PASSWORDS),
    ConstraintType.NO_API_KEYS: _searching("no API key", API_KEYS),
    ConstraintType.PATH_TRAVERSAL_SAFE: _searching("no sign of files beyond a folder", TRAVERSALS),
    ConstraintType.SANDBOX_RESPECTED: _respects_sandbox,
}
