"""Lock files: they pin, and say nothing of where packages come from."""

import json
from typing import Any

import pytest

from harness.models.target import Install
from harness.targets.locks import check_lock, npm_lock

HASHED = "--hash=sha256:ab"
DEEP = {"version": "2.0.0", "integrity": "sha512-d"}


def npm(**packages: Any) -> bytes:
    whole = {
        "": {"dependencies": {"a": "1.0.0"}},
        "node_modules/a": {"version": "1.0.0", "integrity": "sha512-a", "resolved": "https://elsewhere/a.tgz"},
    }
    return json.dumps({"lockfileVersion": 3, "packages": {**whole, **packages}}).encode()


def refusal(install: Install, lock: bytes) -> str:
    try:
        check_lock(install, lock)
    except ValueError as problem:
        return str(problem)
    return "none"


def test_a_lock_of_npm_is_installed_without_its_addresses() -> None:
    own, lock = npm_lock("a@1.0.0", npm(**{"node_modules/a/node_modules/b": DEEP}))

    root = {"name": "installed", "version": "1.0.0", "private": True, "dependencies": {"a": "1.0.0"}}
    assert json.loads(own) == root
    assert json.loads(lock) == {
        "name": "installed",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "requires": True,
        "packages": {
            "": root,
            "node_modules/a": {"version": "1.0.0", "integrity": "sha512-a"},
            "node_modules/a/node_modules/b": DEEP,
        },
    }


@pytest.mark.parametrize(
    ("lock", "told"),
    [
        (b"[]", "is not a package-lock.json of version 2 or 3"),
        (b"{", "is not a package-lock.json of version 2 or 3"),
        (b'{"packages": {"": 5}}', "is not a package-lock.json of version 2 or 3"),
        (npm(**{"node_modules/a": {**DEEP}}), "holds a at '2.0.0', not at '1.0.0'"),
        (npm(**{"node_modules/b": {"version": "1.0.0"}}), "holds 'node_modules/b' without 'integrity'"),
        (npm(**{"node_modules/b": {**DEEP, "link": True}}), "holds 'node_modules/b', which is no package of npm"),
        (npm(**{"../b": DEEP}), "holds '../b', which is no package of npm"),
        (npm(**{"node_modules/../../b": DEEP}), "holds 'node_modules/../../b', which is no package of npm"),
    ],
)
def test_a_lock_of_npm_that_does_not_pin_is_refused(lock: bytes, told: str) -> None:
    assert refusal(Install(npm="a@1.0.0"), lock) == told


@pytest.mark.parametrize(
    "lock",
    [
        f"a==1.0 {HASHED}\n",
        f"# made by a tool\na==1.0 \\\n    {HASHED} \\\n    --hash=sha256:cd\n    # via nobody\n",
        f"a==1.0 {HASHED}\nB-c==2 ; python_version > '3' {HASHED}\n",
        f"A==1.0 {HASHED}",
    ],
)
def test_requirements_with_hashes_are_a_lock_of_pypi(lock: str) -> None:
    check_lock(Install(pypi="a==1.0"), lock.encode())


@pytest.mark.parametrize(
    ("lock", "told"),
    [
        ("", "does not hold a==1.0; write it with"),
        ("a==1.0\n", "holds 'a==1.0' without a hash"),
        (f"a==1.1 {HASHED}\n", "does not hold a==1.0; write it with"),
        (f"a>=1.0 {HASHED}\n", "holds 'a>=1.0', which is no package of PyPI at one version"),
        (f"a @ https://x/a.whl {HASHED}\n", "holds 'a @ https://x/a.whl', which is no package"),
        (f"a @ https://x/a==1.0 {HASHED}\n", "holds 'a @ https://x/a==1.0', which is no package"),
        (f"./a==1.0 {HASHED}\n", "holds './a==1.0', which is no package"),
        (f"a==1.0, >2 {HASHED}\n", "holds 'a==1.0, >2', which is no package"),
        (f"a==1.0 {HASHED}\n-i https://elsewhere\n", "holds '-i https://elsewhere', which is no package"),
        (f"a==1.0 {HASHED} --index-url=https://x\n", "has the option '--index-url=https://x'"),
        (f"a==1.0 {HASHED}\n--extra-index-url x\n", "holds '--extra-index-url x', which is no package"),
        (f"a==1.0 {HASHED}\n-r /etc/passwd\n", "holds '-r /etc/passwd', which is no package"),
    ],
)
def test_requirements_that_do_not_pin_are_refused(lock: str, told: str) -> None:
    assert refusal(Install(pypi="a==1.0"), lock.encode()).startswith(told)
