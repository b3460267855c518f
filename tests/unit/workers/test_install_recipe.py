"""What a package is installed with: commands without addresses, without foreign code, and what a key depends on."""

import json
from dataclasses import replace

import pytest

from harness.models.target import PlannedInstall
from harness.targets.packages import Package, Registry
from workers.install_recipe import NPM_QUIET, PIP_QUIET, Machine, Recipe, recipe_of

MACHINE = Machine("linux-x86_64", "CPython 3.11.7 /usr", "/venv/bin/python", "20.1.0")
OUR_PIP = ("/venv/bin/python", "-m", "pip", "--python", "venv/bin/python")
NPM, PYPI = PlannedInstall(npm="@s/a@1.0.0"), PlannedInstall(pypi="b==2.0")
LOCK = json.dumps({"packages": {"node_modules/@s/a": {"version": "1.0.0", "integrity": "sha512-x"}}}).encode()


def test_a_package_of_npm_is_installed_without_running_code_of_it() -> None:
    recipe = recipe_of(NPM, b"", MACHINE)
    assert recipe == Recipe(
        Package(Registry.NPM, "@s/a", "1.0.0"),
        recipe.key,
        (("npm", "install", "--save-exact", "--ignore-scripts", *NPM_QUIET, "@s/a@1.0.0"),),
        "node_modules/.bin",
        {"package.json": '{"private": true}'},
    )


def test_a_lock_of_npm_is_installed_as_it_is() -> None:
    recipe = recipe_of(NPM.model_copy(update={"lock": "d"}), LOCK, MACHINE)
    assert recipe.commands == (("npm", "ci", "--ignore-scripts", *NPM_QUIET),)
    assert sorted(recipe.files) == ["package-lock.json", "package.json"]
    assert json.loads(recipe.files["package-lock.json"])["packages"]["node_modules/@s/a"]["version"] == "1.0.0"


def test_a_package_of_pypi_is_installed_from_wheels_into_an_environment_of_its_own() -> None:
    recipe = recipe_of(PYPI, b"", MACHINE)
    assert recipe == Recipe(
        Package(Registry.PYPI, "b", "2.0"),
        recipe.key,
        (
            ("/venv/bin/python", "-m", "venv", "--without-pip", "venv"),
            (*OUR_PIP, "install", "--only-binary", ":all:", *PIP_QUIET, "b==2.0"),
        ),
        "venv/bin",
        {},
    )


def test_an_interpreter_without_pip_makes_an_environment_that_has_one() -> None:
    recipe = recipe_of(PYPI, b"", replace(MACHINE, has_pip=False))
    assert [command[:4] for command in recipe.commands] == [
        ("/venv/bin/python", "-m", "venv", "venv"),
        ("venv/bin/pip", "install", "--only-binary", ":all:"),
    ]


def test_requirements_with_hashes_are_installed_as_they_are() -> None:
    recipe = recipe_of(PYPI.model_copy(update={"lock": "d"}), b"b==2.0 --hash=sha256:ab\n", MACHINE)
    assert recipe.commands[1][-3:] == ("--require-hashes", "-r", "requirements.txt")
    assert recipe.files == {"requirements.txt": "b==2.0 --hash=sha256:ab\n"}


def test_scripts_run_only_where_they_are_allowed() -> None:
    allowed = [recipe_of(each.model_copy(update={"allow_scripts": True}), b"", MACHINE) for each in (NPM, PYPI)]
    words = {word for recipe in allowed for command in recipe.commands for word in command}
    assert words.isdisjoint({"--ignore-scripts", "--only-binary"})


@pytest.mark.parametrize(
    "install", [PlannedInstall(npm="--registry=x@1.0.0"), PlannedInstall(pypi="b"), PlannedInstall()]
)
def test_what_no_target_could_ask_for_is_refused(install: PlannedInstall) -> None:
    with pytest.raises(ValueError, match="exact version"):
        recipe_of(install, b"", MACHINE)


def test_a_key_depends_on_all_that_an_installed_package_depends_on_and_on_nothing_else() -> None:
    def key(install: PlannedInstall, machine: Machine = MACHINE) -> str:
        return recipe_of(install, LOCK, machine).key

    other = PlannedInstall(npm="@s/a@1.0.1")
    keys = [
        key(NPM),
        key(other),
        key(NPM.model_copy(update={"allow_scripts": True})),
        key(NPM.model_copy(update={"lock": "1"})),
        key(NPM.model_copy(update={"lock": "2"})),
        key(NPM, replace(MACHINE, platform="linux-aarch64")),
        key(NPM, replace(MACHINE, node="22.0.0")),
        key(PYPI),
        key(PYPI, replace(MACHINE, interpreter="CPython 3.12.1 /usr")),
    ]
    assert len(set(keys)) == len(keys)
    assert key(NPM) == key(NPM, replace(MACHINE, node="20.9.9", interpreter="another", python="/elsewhere/python"))
    assert key(PYPI) == key(PYPI, replace(MACHINE, node=""))
