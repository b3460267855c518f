"""Runs a Lua 5.4 script of a suite: `run_lua.py SCRIPT CONTEXT`. In a process of its own.

The script finds the global `context` and `arg[1]`, the response as JSON. It sets the global `result`, returns it, or
prints it; otherwise its exit code decides. Tables of the context hold members by name; the response holds the elements
of its content by number, too, from 1.
"""

import json
import sys
from typing import Any

from lupa.lua54 import LuaError, LuaRuntime, lua_type

_LOG = b"""
return function(context, error_stream)
  function context.log(...)
    local words = {...}
    if words[1] == context then table.remove(words, 1) end
    for position, word in ipairs(words) do words[position] = tostring(word) end
    error_stream:write(table.concat(words, " "), "\\n")
  end
  log = context.log
end
"""
_DEEPEST = 60


def _table(lua: Any, value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return float(value)
    if isinstance(value, dict):
        table = lua.table()
        for name, member in value.items():
            table[_table(lua, name)] = _table(lua, member)
        return table
    return _list(lua, value) if isinstance(value, list) else value


def _list(lua: Any, values: list[Any]) -> Any:
    table = lua.table()
    for position, member in enumerate(values, 1):
        table[position] = _table(lua, member)
    return table


def _context(lua: Any, told: dict[str, Any]) -> Any:
    context = _table(lua, told)
    response = told["response"]
    if isinstance(response, dict):
        content = response.get("content", response.get("contents", response.get("messages")))
        for position, member in enumerate(content if isinstance(content, list) else (), 1):
            context[b"response"][position] = _table(lua, member)
    return context


def _value(said: Any, depth: int = 0) -> Any:
    """A Lua value as JSON has it; what JSON has not, as a text."""
    kind = lua_type(said)
    if kind == "table" and depth < _DEEPEST:
        return {str(_value(name, _DEEPEST)): _value(member, depth + 1) for name, member in said.items()}
    if isinstance(said, bytes):
        return said.decode("utf-8", "replace")
    return said if kind is None else str(kind)


def main(script: str, file: str) -> None:
    """Run it."""
    with open(file, encoding="utf-8") as source:  # noqa: PTH123 - as in run_python.py
        told = json.load(source)
    with open(script, "rb") as source:  # noqa: PTH123
        text = source.read()
    lua = LuaRuntime(encoding=None, register_eval=False, register_builtins=False)
    names = lua.globals()
    context = names[b"context"] = _context(lua, told)
    names[b"python"] = None
    names[b"arg"] = _list(lua, [json.dumps(told["response"])])
    lua.execute(_LOG)(context, names[b"io"][b"stderr"])
    try:
        returned = lua.execute(text, name=b"=script")
    except LuaError as error:
        message, _, trace = str(error).partition("\nstack traceback:")
        sys.exit(f"{trace.strip()}\n{message}")
    said = names[b"result"] if names[b"result"] is not None else returned
    found = {"success": said} if isinstance(said, bool) else _value(said)
    if isinstance(found, dict):
        names[b"io"][b"stdout"][b"flush"](names[b"io"][b"stdout"])
        print("\n" + json.dumps(found))


main(sys.argv[1], sys.argv[2])
