"""The checks on the keys of an object: `keys` that it has, and with `strict_keys` no others."""

from collections.abc import Iterable
from typing import Any

from harness.checks.setting import Setting
from harness.checks.show import Mismatch, show, show_typed

MAX_SHOWN = 20


def has_keys(wanted: tuple[str, ...], actual: Any, setting: Setting) -> Mismatch | None:
    """The value is an object with all of these keys."""
    setting.budget.spend(len(wanted))
    if not isinstance(actual, dict):
        return Mismatch(f"object with the keys {_listed(wanted)}", show_typed(actual))
    missing = [key for key in wanted if key not in actual]
    if not missing:
        return None
    return Mismatch(f"object with the keys {_listed(wanted)}", f"no {_listed(missing)} among {_listed(actual)}")


def has_no_other_keys(wanted: bool, actual: Any, setting: Setting) -> Mismatch | None:
    """The value is an object without a key that `keys` does not name."""
    known = frozenset(setting.field.keys or ())
    if not wanted:
        return None
    if not isinstance(actual, dict):
        return Mismatch(f"object with no keys but {_listed(setting.field.keys or ())}", show_typed(actual))
    setting.budget.spend(len(actual))
    others = [key for key in actual if key not in known]
    if not others:
        return None
    return Mismatch(f"object with no keys but {_listed(setting.field.keys or ())}", f"also {_listed(others)}")


def _listed(keys: Iterable[str]) -> str:
    shown = list(keys)[: MAX_SHOWN + 1]
    names = ", ".join(show(key, 60) for key in shown[:MAX_SHOWN]) or "none"
    return names + (", ..." if len(shown) > MAX_SHOWN else "")
