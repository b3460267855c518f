"""Findings are counted and bounded."""

from harness.mcp.findings import DETAIL_CHARACTERS, MAX_KINDS, Findings


def test_the_first_detail_and_the_count_are_kept() -> None:
    findings = Findings()
    for detail in ("one\x1b", "two", "three"):
        findings.add("wrote noise", detail)
    findings.add("plain")
    assert findings.drain() == ("wrote noise (3 times): one\\x1b", "plain")
    assert findings.drain() == ()


def test_of_many_lines_the_first_is_shown() -> None:
    findings = Findings()
    for number in range(3):
        findings.add_line("noise", b"\xff\x00line %d" % number, "not JSON")
    assert findings.drain() == ("noise (3 times): \\xff\\x00line 0 (not JSON)",)


def test_neither_number_nor_length_grows_without_bound() -> None:
    findings = Findings()
    for number in range(1000):
        findings.add(f"kind {number}", "x" * 10_000)
    notes = findings.drain()
    assert len(notes) == MAX_KINDS
    assert max(map(len, notes)) < DETAIL_CHARACTERS + 50
