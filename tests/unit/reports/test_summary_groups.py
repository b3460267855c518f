"""The summary as GitHub Actions folds it."""

import re

from scheduler.reports.style import Style
from scheduler.reports.summary import TERMS, render_summary
from scheduler.reports.summary_groups import render_groups
from tests.unit.reports.endings import dead_server, green
from tests.unit.reports.test_summary import hostile_run

TOKEN = "0123456789abcdef0123456789abcdef"


def test_each_cause_has_its_reason_in_view_and_its_detail_in_a_group() -> None:
    assert render_groups(dead_server(), Style(100), TERMS, TOKEN) == (
        "FAILED       41 of 300 tests, 1 cause (new), in 1m52s\n"
        "             259 passed, 41 error\n"
        "\n"
        " 1  NEW      41 tests on billing: the server did not start                                c00044ee4\n"
        "    server unavailable: the server ended before it answered (exit code 1 after 0.8 s)\n"
        "::group::detail of cause 1 (c00044ee4)\n"
        f"::stop-commands::{TOKEN}\n"
        "    the server ended before it answered (exit code 1 after 0.8 s)\n"
        "    tried 3 times on w11, w2, w5\n"
        "    38 of these 41 were not tried, as the server was given up\n"
        "        stderr, last 4 of 8 lines:\n"
        "          | line 4\n"
        "          | line 5\n"
        "          | line 6\n"
        "          | ModuleNotFoundError: No module named 'stripe'\n"
        "      same: pay/billing/pay/5, 11, 20, 21, 22 and 35 more\n"
        f"::{TOKEN}::\n"
        "::endgroup::\n"
        "\n"
        "look closer  mcp-test-harness attempts 8f2c1a 0\n"
    )


def test_what_passed_has_no_groups() -> None:
    assert render_groups(green(), Style(100), TERMS, TOKEN) == render_summary(green(), Style(100)) + "\n"


def test_commands_are_ours_alone() -> None:
    text = render_groups(hostile_run(), Style(100), TERMS, TOKEN)
    silent = re.sub(rf"^::stop-commands::{TOKEN}\n.*?^::{TOKEN}::\n", "", text, flags=re.MULTILINE | re.DOTALL)
    commands = re.findall(r"^\s*(?:::|##\[).*", silent, re.MULTILINE)
    assert [re.sub(r"c[0-9a-f]{8}", "ID", command) for command in commands] == [
        "::group::detail of cause 1 (ID)",
        "::endgroup::",
        "::group::detail of cause 2 (ID)",
        "::endgroup::",
    ]
