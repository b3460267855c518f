"""Files of targets: what is accepted, and what is said, with its place, of what is not."""

import json

import pytest

from harness.errors import SuiteErrors
from harness.models.server import Server
from harness.models.target import Install, PlannedInstall, Target
from harness.suites.files import BundleFiles
from harness.suites.load import STRICT, Loading
from harness.targets.read import load_target

WHOLE = b"""name: Time
version: "2026.10.19"
owner: core team
description: what time it is
labels: {tier: gold, team: core/time}
command: mcp-server-time
args: [--local-timezone, "${zone}"]
env: {TOKEN: "${secret:TIME_TOKEN}"}
install: {pypi: mcp-server-time==2026.10.19}
requires: ["python>=3.11", uvx, net=egress]
secrets: [TIME_TOKEN]
"""


def problems_of(text: str, loading: Loading = STRICT) -> list[str]:
    with pytest.raises(SuiteErrors) as caught:
        load_target(text.encode(), "targets/t.yaml", loading)
    return [str(problem).removeprefix("targets/t.yaml:") for problem in caught.value.problems]


def test_a_target_is_a_server_with_all_that_is_known_of_it() -> None:
    loaded = load_target(WHOLE, "targets/time.yaml", Loading(environment={"zone": "UTC"}))

    server = Server(command="mcp-server-time", args=("--local-timezone", "UTC"), env={"TOKEN": "${secret:TIME_TOKEN}"})
    assert loaded.target == Target(
        name="Time",
        version="2026.10.19",
        owner="core team",
        description="what time it is",
        labels={"tier": "gold", "team": "core/time"},
        command=server.command,
        args=server.args,
        env=server.env,
        install=Install(pypi="mcp-server-time==2026.10.19"),
        requires=("python>=3.11", "uvx", "net=egress"),
        secrets=("TIME_TOKEN",),
    )
    assert loaded.target.server == server
    assert loaded.install == PlannedInstall(pypi="mcp-server-time==2026.10.19")


def test_another_spelling_of_a_key_of_servers_is_taken_with_a_warning() -> None:
    loaded = load_target(b"name: t\ncommand: c\nworking_directory: data\n", "t.yaml", STRICT)
    assert (loaded.target.working_dir, [str(warning) for warning in loaded.warnings]) == (
        "data",
        ["t.yaml:3:1: 'working_directory' is read as 'working_dir'"],
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("command: c\n", "1:1: 'name' is missing in the target"),
        ("[]\n", "1:1: the target must be a mapping, not a list"),
        ("name: t\ncommand: c\nlabel: {a: b}\n", "3:1: unknown key 'label'; did you mean 'labels'?"),
        ("name: t\ncommand: c\ntools: []\n", "3:1: unknown key 'tools'"),
        ('name: "\\n"\ncommand: c\n', "1:7: '\\n' is not a printable name; use visible characters"),
        ("name: t\ncommand: c\nworking_dir: ../x\n", "3:14: working_dir '../x' is not a folder inside the sandbox"),
        ("name: t\ncommand: c\nlabels: {a=b: c}\n", "3:10: 'a=b' is not a label; use letters, digits"),
        ("name: t\ncommand: c\nlabels: {a: 5}\n", "3:13: 'a' must be text, not 5; put it in quotes"),
        ("name: t\ncommand: c\nrequires: [node >> 20]\n", "3:12: 'node >> 20' is not something that a worker offers"),
        ("name: t\ncommand: c\nrequires: [node>=new]\n", "3:12: 'node>=new' compares with 'new', which is not a ver"),
        ("name: t\ncommand: c\ninstall: {}\n", "3:1: 'install' wants one package; give either 'npm' or 'pypi'"),
        ("name: t\ncommand: c\ninstall: {npm: a@1.0.0, pypi: b==1}\n", "3:1: 'install' wants one package"),
        ("name: t\ncommand: c\ninstall: {npm: a@latest}\n", "3:16: 'a@latest' is not a package of npm at an exact ver"),
        ("name: t\ncommand: c\ninstall: {pypi: a>=1}\n", "3:17: 'a>=1' is not a package of PyPI at an exact version"),
        ("name: t\ncommand: c\nsecrets: [a-b]\n", "3:11: 'a-b' is not the name of a secret; use letters, digits"),
        ("name: t\ncommand: c\nargs: ['${secret:X}']\n", "1:1: the secret 'X' is used and not listed; add it to 'sec"),
        (
            "name: t\ncommand: c\nsecrets: [X]\nowner: '${secret:X}'\n",
            "4:8: the secret 'X' cannot be named here; secrets stand in 'env', 'args', 'headers' and",
        ),
        ("name: t\ncommand: ${nobody}\n", "2:10: ${nobody}: there is no 'nobody'"),
    ],
)
def test_a_target_that_cannot_be_accepted_says_where_and_why(text: str, told: str) -> None:
    [problem] = problems_of(text)
    assert problem.startswith(told)


def test_a_lock_file_lies_beside_the_target_and_must_hold_its_package() -> None:
    locks = {
        "good": "server==1.0 --hash=sha256:ab\n",
        "other": "server==2.0 --hash=sha256:ab\n",
    }
    files = BundleFiles({f"targets/{name}": name for name in locks}, lambda name: locks[name].encode())

    def told(lock: str) -> list[str]:
        return problems_of(f"name: t\ncommand: c\ninstall: {{pypi: server==1.0, lock: {lock}}}\n", Loading(files=files))

    text = b"name: t\ncommand: c\ninstall: {pypi: server==1.0, lock: good}\n"
    loaded = load_target(text, "targets/t.yaml", Loading(files=files))
    assert (loaded.lock, loaded.install and len(loaded.install.lock)) == (locks["good"].encode(), 64)
    assert told("other")[0].startswith("3:36: 'other' does not hold server==1.0; write it with `pip-compile")
    assert told("gone") == ["3:36: 'gone' is not in the bundle"]
    assert told("../good")[0] == "3:36: '../good' does not stay beside the target; give a path without .."


def test_a_lock_of_npm_is_compared_with_its_package() -> None:
    lock = json.dumps({"packages": {"node_modules/a": {"version": "1.0.0", "integrity": "sha512-x"}}}).encode()
    files = BundleFiles({"targets/l.json": "l"}, lambda _: lock)
    text = "name: t\ncommand: c\ninstall: {npm: a@1.0.1, lock: l.json}\n"
    assert problems_of(text, Loading(files=files)) == ["3:31: 'l.json' holds a at '1.0.0', not at '1.0.1'"]
