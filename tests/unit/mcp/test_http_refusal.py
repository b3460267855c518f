"""HTTP answers without a message: one phrase each, in our own words but for a quotation."""

import pytest

from harness.mcp.http_refusal import Head, refusal


@pytest.mark.parametrize(
    ("head", "body", "phrase"),
    [
        (Head(404), b"", "HTTP 404 Not Found"),
        (Head(599), b"  ", "HTTP 599"),
        (Head(503), b"busy\x1b[31m\n", "HTTP 503 Service Unavailable; it begins with busy"),
        (Head(403), b"", "HTTP 403 Forbidden; give 'bearer_token' or 'headers' that it accepts"),
        (Head(301), b"", "HTTP 301 Moved Permanently: it redirects to nowhere, which is not followed"),
        (Head(204), b"", "HTTP 204 No Content without an answer, although a request was sent"),
        (Head(200, "text/html; x=y"), b"<p>", "not 'text/html; x=y'; it begins with <p>"),
    ],
)
def test_an_answer_without_a_message_is_named(head: Head, body: bytes, phrase: str) -> None:
    assert phrase in refusal(head, body)
    assert refusal(head, body).isprintable()


def test_what_the_server_says_is_clipped_and_made_printable() -> None:
    head = Head(401, "x" * 9000, "y" * 9000, "Bearer \r\n\x1b[2J" + "z" * 9000)
    assert refusal(head, b"\x00\xff" * 9000).isprintable()
    assert len(refusal(head, b"\x00\xff" * 9000)) < 700
    assert len(refusal(Head(302, location="http://" + "x" * 9000), b"")) < 400
    assert len(refusal(Head(200, "x" * 9000), b"z" * 9000)) < 400


def test_kinds_are_compared_without_parameters_and_case() -> None:
    assert Head(200, "Text/Event-Stream ; charset=utf-8").kind == "text/event-stream"
