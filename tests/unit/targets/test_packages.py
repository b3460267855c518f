"""Exact versions: what may stand on the command line of an installer, and what never gets there."""

import pytest

from harness.targets.packages import Package, Registry, parse_npm, parse_pypi


@pytest.mark.parametrize(
    ("text", "package"),
    [
        ("a@1.2.3", Package(Registry.NPM, "a", "1.2.3")),
        ("@scope/a.b@0.0.1-beta.2", Package(Registry.NPM, "@scope/a.b", "0.0.1-beta.2")),
    ],
)
def test_a_package_of_npm_has_a_name_and_one_version(text: str, package: Package) -> None:
    assert (parse_npm(text), str(package)) == (package, text)


@pytest.mark.parametrize(
    ("text", "package"),
    [
        ("a==1", Package(Registry.PYPI, "a", "1")),
        (
            "Mcp_Server.time[dev,x]==2026.10.19rc1",
            Package(Registry.PYPI, "Mcp_Server.time", "2026.10.19rc1", "[dev,x]"),
        ),
    ],
)
def test_a_package_of_pypi_has_a_name_and_one_version(text: str, package: Package) -> None:
    assert (parse_pypi(text), str(package)) == (package, text)


REFUSED = ["", "a", "a@", "a@^1.0.0", "a@latest", "a@1", "-g@1.0.0", "--registry=x@1.0.0", "../a@1.0.0", "a b@1.0.0"]
REFUSED += [
    "git+https://x/a@1.0.0",
    "https://x/a.tgz@1.0.0",
    "a@npm:b@1.0.0",
    "a@1.0.0\n",
    "A@1.0.0",
    f"{'a' * 300}@1.0.0",
]


@pytest.mark.parametrize("text", REFUSED)
def test_nothing_else_of_npm_passes(text: str) -> None:
    with pytest.raises(ValueError, match="exact version"):
        parse_npm(text)


@pytest.mark.parametrize(
    "text", ["a", "a>=1", "a==1.*", "a==1,<2", "-e==1", "a @ https://x", "a==1 --pre", "a==1\n", "./a==1"]
)
def test_nothing_else_of_pypi_passes(text: str) -> None:
    with pytest.raises(ValueError, match="exact version"):
        parse_pypi(text)
