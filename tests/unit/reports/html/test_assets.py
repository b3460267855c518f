"""What the page's script may not do, read from its source."""

import re
from importlib.resources import files

import pytest

from scheduler.reports.html.assets import SCRIPTS, STYLES, read_assets

FOLDER = files("scheduler.reports.html") / "assets"
BANNED = (
    *("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "createContextualFragment", "DOMParser"),
    *(r"\beval\b", r"\bFunction\b", r"\bimport\b", "setTimeout\\([\"'`]", "setHTML", "srcdoc", r"\bfetch\(", "XMLHttp"),
    *("WebSocket", r"javascript:", r"\.src\b", r"\.href\s*=", r"<!--", r"</script"),
)


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("banned", BANNED)
def test_the_script_makes_no_markup_from_text_and_loads_nothing(name: str, banned: str) -> None:
    assert re.search(banned, (FOLDER / name).read_text("utf-8")) is None


def test_attributes_are_set_in_one_place_or_by_constant_names() -> None:
    for name in SCRIPTS:
        text = (FOLDER / name).read_text("utf-8")
        for argument in re.findall(r"setAttribute\(([^,]+),", text):
            assert argument.startswith('"') or (name, argument) == ("dom.js", "name")


def test_the_style_loads_nothing() -> None:
    assert re.search(r"url\(|@import|</style", read_assets().style) is None


def test_every_asset_is_used() -> None:
    assert sorted(entry.name for entry in FOLDER.iterdir()) == sorted((*SCRIPTS, *STYLES))


def test_no_text_of_the_script_goes_over_several_lines() -> None:
    for name in SCRIPTS:
        for line in (FOLDER / name).read_text("utf-8").splitlines():
            assert line.count("`") % 2 == 0, f"{name}: {line}"
