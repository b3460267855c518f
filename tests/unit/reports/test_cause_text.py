"""What varies in a message goes, what tells two troubles apart stays."""

import time

import pytest

from scheduler.reports.cause_text import MAX_TEXT, normal_form

MERGE = [
    ("connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED 127.0.0.1:5433"),
    ("cannot reach db-1.internal:5432", "cannot reach db-2.internal:5432"),
    ("no such file '/tmp/a1/b.txt'", "no such file '/tmp/zz/c.txt'"),
    ("order 550e8400-e29b-41d4-a716-446655440000 is gone", "order 123e4567-e89b-12d3-a456-426614174000 is gone"),
    ("expired at 2026-11-24T02:00:11.5Z", "expired at 2026-11-25 07:41:00+01:00"),
    ("took 3.5s after 4 tries", "took 12 ms after 17 tries"),
    ("GET https://a.example/x?id=1 failed", "GET https://b.example/y failed"),
    ("object at 0x7f3a22 is closed", "object at 0xdeadbeef is closed"),
    ("commit deadbeef12 is unknown", "commit 0a1b2c3d4e5f is unknown"),
    ("token abcdefghijklmnop1234567890ABCDEFGHIJ refused", "token zyxwvutsrqponm0987654321ZYXWVUTSRQ refused"),
    ("user 'Jim Beam' is unknown", "user 'Jack Daniels 7' is unknown"),
    ("\x1b[31mred\x1b[0m", "red"),
    ("\\x1b[31mred\\x1b[0m", "red"),
]
APART = [
    ("JSON-RPC error -32602: no", "JSON-RPC error -32603: no"),
    ("-32602 no", "-32603 no"),
    ("HTTP 503", "HTTP 429"),
    ("HTTP/1.1 503 x", "HTTP/1.1 429 x"),
    ("exit code 1", "exit code 137"),
    ("ended by signal 9", "ended by signal 11"),
    ("missing 'query'", "missing 'limit'"),
    ("status: 500", "status: 404"),
    ("errno=2", "errno=13"),
    ("code:503", "code:429"),
    ("No module named 'stripe'", "No module named 'redis'"),
]
HOSTILE = [
    "1 ",
    "'",
    '"',
    "`'\"",
    "a",
    "a:",
    "/",
    "1.1.",
    "-",
    "\u202e",
    "0x",
    "'a ",
    "f0",
    "<n>",
    "[::",
    "http 1",
    "\x00",
]


@pytest.mark.parametrize(("one", "other"), MERGE)
def test_the_same_trouble_has_one_text(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_codes_and_names_stay_apart(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


def test_what_is_left_reads_as_a_sentence() -> None:
    said = "can't open '/etc/x y': errno 13 at line 7\n  after 2.5s (id 550e8400f)"
    assert normal_form(said) == "can't open '<s>': errno 13 at line <n> after <n> (id <id>)"


@pytest.mark.parametrize("part", HOSTILE)
def test_the_time_grows_with_the_length_alone(part: str) -> None:
    """At most 4,000 characters are read; 50 ms is some ten times of what they take."""
    hostile = part * (1_000_000 // len(part))
    before = time.process_time()
    text = normal_form(hostile)
    assert time.process_time() - before < 0.05
    assert len(text) <= MAX_TEXT
