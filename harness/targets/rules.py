"""What makes a well-formed target unacceptable: rules that look closer than types do. Pure."""

import re
from collections.abc import Callable

from harness.models.target import Install, Target
from harness.secrets.places import secrets_named, secrets_of
from harness.suites.confined import is_inside
from harness.suites.findings import Findings, quoted
from harness.suites.secret_rules import OF_SERVER
from harness.suites.server_rules import check_server
from harness.suites.shape import Shape
from harness.targets.abilities import parse_requirement
from harness.targets.packages import parse_npm, parse_pypi

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_./-]{0,61}[A-Za-z0-9])?")
_SECRET_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
MAX_LABELS = 50
MAX_LABEL_VALUE = 200


def check_target(target: Target, shape: Shape, findings: Findings) -> None:
    """Apply every rule to a target whose values are already valid one by one."""
    check_server(target, (), shape, findings)
    for rule in RULES:
        rule(target, shape, findings)


def name_is_printable(target: Target, shape: Shape, findings: Findings) -> None:
    """It stands in ids, terminals and reports."""
    if not target.name.strip() or _CONTROL.search(target.name):
        mark = shape.spot_of(("name",)).value
        findings.error(mark, f"{quoted(target.name)} is not a printable name", "use visible characters")


def labels_can_be_asked_for(target: Target, shape: Shape, findings: Findings) -> None:
    """`--label KEY=VALUE` must be able to name them."""
    if len(target.labels) > MAX_LABELS:
        findings.error(shape.spot_of(("labels",)).key, f"more than {MAX_LABELS} labels")
    for key, value in target.labels.items():
        spot = shape.spot_of(("labels", key))
        if not _LABEL.fullmatch(key):
            findings.error(spot.key, f"{quoted(key)} is not a label", "use letters, digits, '_', '.', '/' and '-'")
        if len(value) > MAX_LABEL_VALUE or _CONTROL.search(value):
            hint = f"use up to {MAX_LABEL_VALUE} visible characters"
            findings.error(spot.value, f"{quoted(value)} is not the value of a label", hint)


def requirements_can_be_read(target: Target, shape: Shape, findings: Findings) -> None:
    """Each names something that a worker may offer."""
    for place, text in enumerate(target.requires):
        try:
            parse_requirement(text)
        except ValueError as problem:
            findings.error(shape.spot_of(("requires", place)).value, f"{quoted(text)} {problem}")


def install_is_exact(target: Target, shape: Shape, findings: Findings) -> None:
    """One package, at one version: what is tested must not change by itself."""
    install = target.install
    if install is None:
        return
    if (install.npm is None) == (install.pypi is None):
        findings.error(shape.spot_of(("install",)).key, "'install' wants one package", "give either 'npm' or 'pypi'")
    _check_package(install, shape, findings)
    if install.lock is not None and not is_inside(install.lock):
        mark = shape.spot_of(("install", "lock")).value
        findings.error(mark, f"{quoted(install.lock)} does not stay beside the target", "give a path without ..")


def secrets_are_listed(target: Target, shape: Shape, findings: Findings) -> None:
    """What a target uses itself, it may use."""
    for place, name in enumerate(target.secrets):
        if not _SECRET_NAME.fullmatch(name):
            mark = shape.spot_of(("secrets", place)).value
            findings.error(mark, f"{quoted(name)} is not the name of a secret", "use letters, digits and '_'")
    for key, value in target.model_dump(mode="json", exclude=set(OF_SERVER)).items():
        for name in sorted(secrets_named(value)):
            mark = shape.spot_of((key,)).value
            hint = "secrets stand in 'env', 'args', 'headers' and 'bearer_token'"
            findings.error(mark, f"the secret {quoted(name)} cannot be named here", hint)
    for name in sorted(secrets_of(target.server) - set(target.secrets)):
        mark = shape.spot_of(()).value
        findings.error(mark, f"the secret {quoted(name)} is used and not listed", "add it to 'secrets'")


def _check_package(install: Install, shape: Shape, findings: Findings) -> None:
    for key, text, parse in (("npm", install.npm, parse_npm), ("pypi", install.pypi, parse_pypi)):
        try:
            if text is not None:
                parse(text)
        except ValueError as problem:
            findings.error(shape.spot_of(("install", key)).value, f"{quoted(text or '')} {problem}")


RULES: tuple[Callable[[Target, Shape, Findings], None], ...] = (
    name_is_printable,
    labels_can_be_asked_for,
    requirements_can_be_read,
    install_is_exact,
    secrets_are_listed,
)
