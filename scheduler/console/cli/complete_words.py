"""The hidden command `__complete KIND BEGINNING`: words for a shell, one a line. Quick, quiet, and it asks no farm.

A shell expands words that it is given: only those are printed that hold nothing to expand.
"""

import re

from scheduler.console.cli.settings import read_settings
from scheduler.store.quick import newest_runs, tests_of_newest_run

MAX_WORDS = 200
_PLAIN = re.compile(r"[A-Za-z0-9_.,=+/~\[\]-]{1,400}")
DEFAULT_PROJECT = "default/"


def main(argv: list[str]) -> int:
    """Print the words of a kind that begin so; nothing where there is none, whatever goes wrong."""
    kind, beginning = (*argv[:2], "", "")[:2]
    for word in words_of(kind, beginning):
        print(word)
    return 0


def words_of(kind: str, beginning: str) -> tuple[str, ...]:
    """At most 200 words. Runs: `last` and the newest ids; tests: ids of the newest run, as `attempts` takes them."""
    database = read_settings().state_dir / "farm.db"
    if kind == "runs":
        found = ("last", "last~1", *newest_runs(database, MAX_WORDS))
    elif kind == "tests":
        found = tuple(test.removeprefix(DEFAULT_PROJECT) for test in tests_of_newest_run(database))
    else:
        found = ()
    plain = (word for word in found if word.startswith(beginning) and _PLAIN.fullmatch(word))
    return tuple(word for word, _ in zip(plain, range(MAX_WORDS), strict=False))
