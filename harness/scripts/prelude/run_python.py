"""Runs a Python script of a suite: `run_python.py SCRIPT CONTEXT`. In a process of its own; standard library only.

The script finds `context` (members as attributes or keys), `log()`, the context on sys.stdin and the response as JSON
in sys.argv[1]. It prints its verdict, or leaves it in `result`; otherwise its exit code decides.
"""

import io
import json
import runpy
import sys
from typing import Any


class Record(dict[str, Any]):
    """An object of the context: `record.name` is `record["name"]`, None when there is none."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name)


class Response(Record):
    """The answer: a number finds the element of its content."""

    def __missing__(self, key: object) -> Any:
        if isinstance(key, int):
            return self.get("content", self.get("contents", self.get("messages", ())))[key]
        raise KeyError(key)


def log(*words: object) -> None:
    """Write to stderr: `log(message)` or `log(level, message)`."""
    print(*words, file=sys.stderr)


def _records(value: Any) -> Any:
    if isinstance(value, dict):
        return Record({name: _records(member) for name, member in value.items()})
    return [_records(member) for member in value] if isinstance(value, list) else value


def _context(text: str) -> Record:
    context: Record = _records(json.loads(text))
    if isinstance(context.response, Record):
        context["response"] = Response(context.response)
    context["log"] = log
    return context


def main(script: str, file: str) -> None:
    """Run it."""
    with open(file, encoding="utf-8") as source:  # noqa: PTH123 - a script starts bare: pathlib costs it 10 ms
        text = source.read()
    context = _context(text)
    sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")
    sys.argv = [script, json.dumps(context.response)]
    left = runpy.run_path(script, init_globals={"context": context, "log": log}, run_name="__main__").get("result")
    if isinstance(left, bool):
        left = {"success": left}
    if isinstance(left, dict):
        print("\n" + json.dumps(left, default=str))


main(sys.argv[1], sys.argv[2])
