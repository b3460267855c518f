"""Owns the command line's front: which commands exist, and what becomes of their errors.

A command module is imported when its command is called, never earlier: `--help` must not pay for mcp, celery,
pydantic, sqlmodel, redis or httpx. Each offers `main(argv) -> int`, the exit code.
"""

import contextlib
import difflib
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Sequence

from harness.errors import FarmError, SuiteErrors, UsageError
from harness.safe_text import safe_text
from harness.unhurried import collect_seldom
from harness.version import VERSION
from scheduler.console.cli.json_output import as_json, error_json

PROGRAM = "mcp-test-harness"
MAX_MESSAGE = 1024 * 1024
BUG_EXIT, INTERRUPTED_EXIT, BROKEN_PIPE_EXIT = 4, 130, 141

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("scheduler.console.cli.init", "write a first suite"),
    "discover": ("scheduler.console.cli.discover", "show what a live server offers"),
    "generate": ("scheduler.console.cli.generate", "write a suite from what a live server offers"),
    "run": ("scheduler.console.cli.run", "test servers: here, or with --farm on a farm"),
    "test": ("scheduler.console.cli.run", "the same as run"),
    "validate": ("scheduler.console.cli.validate", "check suite and configuration files; starts nothing"),
    "list": ("scheduler.console.cli.list_tests", "show the tests that suites hold; starts nothing"),
    "targets": ("scheduler.console.cli.targets", "show the targets that suites can be run against"),
    "runs": ("scheduler.console.cli.runs", "show the newest runs"),
    "status": ("scheduler.console.cli.status", "show how a run stands, until it ends"),
    "attempts": ("scheduler.console.cli.attempts", "show every attempt of one test of a run"),
    "workers": ("scheduler.console.cli.workers", "show the workers of a farm, and what they hold"),
    "cancel": ("scheduler.console.cli.cancel", "end a run early"),
    "report": ("scheduler.console.cli.report", "write the report of a run that is over"),
    "compare": ("scheduler.console.cli.compare", "show what is different between two runs"),
    "history": ("scheduler.console.cli.history", "show what became of one test in past runs"),
    "schema": ("scheduler.console.cli.schema", "print the JSON Schema of suites or reports"),
    "keys": ("scheduler.console.cli.keys", "list every key of suites and its state"),
    "migrate": ("scheduler.console.cli.migrate", "translate a suite of the v1 format"),
    "completion": ("scheduler.console.cli.completion", "print a script that completes this command in a shell"),
    "serve": ("scheduler.console.serve", "bring up a farm on this machine"),
}
HIDDEN = {"__complete": "scheduler.console.cli.complete_words"}
"""What shells call, not people."""

HELP = f"""Test MCP servers, one or hundreds, on many workers.

  {PROGRAM} run suite.yaml            run a suite
  {PROGRAM} validate suites/          look for mistakes, start nothing
  {PROGRAM} report last --format text look at the last run again

Usage: {PROGRAM} COMMAND [options]

{{commands}}

{PROGRAM} COMMAND --help tells more. --version prints the version, --debug adds
tracebacks. Exit codes: 0 all passed, 1 tests failed, 2 usage or suite error or
no test selected, 3 no server could be started, 4 the farm itself failed,
6 incomplete or cancelled, 130 interrupted.
"""


def run(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` names (default: the process's arguments) and return its exit code."""
    collect_seldom()
    arguments, debug = _without_debug(list(sys.argv[1:] if argv is None else argv))
    _never_fail_to_print()
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()  # here, where a reader that went away is no news
    except BrokenPipeError:
        return _quiet_after_broken_pipe()
    except KeyboardInterrupt:
        return INTERRUPTED_EXIT
    except FarmError as error:
        _print_json_error(error, arguments)
        return _report_error(error, debug)
    except Exception as error:  # the edge of the process: everything that nobody expected
        _print_json_error(error, arguments)
        return _report_bug(error, debug)
    return code


def _without_debug(arguments: list[str]) -> tuple[list[str], bool]:
    kept = [argument for argument in arguments if argument != "--debug"]
    return kept, len(kept) < len(arguments)


def _never_fail_to_print() -> None:
    """A console that cannot encode a character shows a `?`; it must not end a run."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(_help(), end="")
        return 0 if arguments else UsageError.exit_code
    if arguments[0] in ("--version", "-V", "version"):
        print(as_json(version=VERSION) if "--json" in arguments else f"{PROGRAM} {VERSION}")
        return 0
    try:
        return _command(arguments[0])(arguments[1:])
    except SystemExit as end:  # how argparse ends after --help, or with a usage error
        return end.code if isinstance(end.code, int) else UsageError.exit_code


def _help() -> str:
    lines = [f"  {name:11}{text}" for name, (_, text) in COMMANDS.items()]
    return HELP.format(commands="\n".join(lines))


def _command(name: str) -> Callable[[list[str]], int]:
    module = HIDDEN.get(name) or COMMANDS.get(name, ("",))[0]
    if not module:
        raise UsageError(_unknown(name))
    main: Callable[[list[str]], int] = importlib.import_module(module).main
    return main


def _unknown(name: str) -> str:
    kind = "option" if name.startswith("-") else "command"
    near = difflib.get_close_matches(name, [*COMMANDS, "--help", "--version"], n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"unknown {kind} {name!r}; {hint}commands: {', '.join(COMMANDS)}"


def _quiet_after_broken_pipe() -> int:
    """The reader of our output is gone: keep the interpreter's last flush from complaining."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(null, stream.fileno())
    return BROKEN_PIPE_EXIT


def _print_json_error(error: Exception, arguments: Sequence[str]) -> None:
    """The error on stdout, for who asked for JSON there; people read it on stderr all the same."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if "--json" in own:
        with contextlib.suppress(BrokenPipeError):
            print(error_json(error), flush=True)


def _report_error(error: FarmError, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    text = _suite_problems(error) if isinstance(error, SuiteErrors) else str(error)
    print(f"error: {safe_text(text, MAX_MESSAGE)}", file=sys.stderr)
    return error.exit_code


def _suite_problems(error: SuiteErrors) -> str:
    count = len(error.problems)
    head = f"{count} problem{'s' if count != 1 else ''}, nothing was started"
    return "\n".join([head, *(f"  {problem}" for problem in error.problems)])


def _report_bug(error: Exception, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    said = safe_text(f"{type(error).__name__}: {error}", MAX_MESSAGE)
    print(f"error: this is a bug in {PROGRAM} {VERSION}: {said}", file=sys.stderr)
    if not debug:
        print("  add --debug for the traceback that belongs into a report of it", file=sys.stderr)
    return BUG_EXIT
