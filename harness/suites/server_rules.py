"""What makes a server impossible to start or to reach, whoever names it: a suite or a target. Pure."""

from harness.models.server import Server
from harness.suites.confined import PLACEHOLDER, is_in_sandbox
from harness.suites.findings import Findings, quoted
from harness.suites.reach_rules import check_reach
from harness.suites.sentences import describe
from harness.suites.shape import Path, Shape


def check_server(server: Server, at: Path, shape: Shape, findings: Findings) -> None:
    """Apply every rule to the server whose keys stand at `at`."""
    _is_somewhere(server, at, shape, findings)
    check_reach(server, at, shape, findings)
    _can_be_started(server, at, shape, findings)
    _stays_in_its_sandbox(server, at, shape, findings)


def _is_somewhere(server: Server, at: Path, shape: Shape, findings: Findings) -> None:
    if server.command is None and server.url is None:
        where = describe(at) if at else shape.whole
        mark = shape.spot_of(at).key if at else shape.spot_of(at).value
        hint = "give the command that starts the server, or the url of one that runs already"
        findings.error(mark, f"'command' is missing in {where}", hint)
    for key in ("args", "env", "working_dir"):
        if server.command is None and server.url is not None and getattr(server, key):
            mark = shape.spot_of((*at, key)).key
            findings.error(mark, f"{quoted(key)} does nothing for a server that runs already", "remove it")


def _can_be_started(server: Server, at: Path, shape: Shape, findings: Findings) -> None:
    """What the operating system refuses in a command line or an environment."""
    texts: list[tuple[Path, str]] = [((*at, "command"), server.command or "")]
    texts += [((*at, "args", place), text) for place, text in enumerate(server.args)]
    texts += [((*at, "env", key), text) for key, text in server.env.items()]
    texts += [((*at, "working_dir"), server.working_dir or "")]
    for path, text in texts:
        if "\0" in text:
            findings.error(shape.spot_of(path).value, "a NUL character cannot be passed to a server")
    for key in server.env:
        if not key or "=" in key or "\0" in key:
            findings.error(shape.spot_of((*at, "env", key)).key, f"{quoted(key)} is not a variable name")


def _stays_in_its_sandbox(server: Server, at: Path, shape: Shape, findings: Findings) -> None:
    """A working directory elsewhere is refused at the start of the server; here its line is known."""
    named = server.working_dir
    if named and "\0" not in named and not is_in_sandbox(named):
        mark = shape.spot_of((*at, "working_dir")).value
        hint = f"write one such as data or {PLACEHOLDER}/data, without .., or leave the key out"
        findings.error(mark, f"working_dir {quoted(named)} is not a folder inside the sandbox", hint)
