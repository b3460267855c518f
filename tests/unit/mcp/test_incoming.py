"""Reading one line of a server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.mcp.incoming import Unreadable, read_line
from harness.mcp.sdk import types

MESSAGES = [
    (b'{"jsonrpc":"2.0","id":1,"result":{}}', types.JSONRPCResponse),
    (b' {"id":"a","result":{"x":1.0},"jsonrpc":"2.0"}\r', types.JSONRPCResponse),
    (b'{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"m","data":null}}', types.JSONRPCError),
    (b'{"jsonrpc":"2.0","id":1,"error":{"code":-32000.0,"message":"m"}}', types.JSONRPCError),
    (b'{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}}', types.JSONRPCError),
    (b'{"jsonrpc":"2.0","method":"notifications/x"}', types.JSONRPCNotification),
    (b'{"jsonrpc":"2.0","method":"ping","id":"s-1"}', types.JSONRPCRequest),
    (
        "{'a': 'NaN'}".replace("'", '"').encode().join([b'{"jsonrpc":"2.0","id":1,"result":', b"}"]),
        types.JSONRPCResponse,
    ),
]


@pytest.mark.parametrize(("line", "kind"), MESSAGES)
def test_messages_are_read(line: bytes, kind: type) -> None:
    assert type(read_line(line)) is kind


UNREADABLE = [
    (b"", (), "not a JSON object"),
    (b"Listening on 3000", (), "not a JSON object"),
    (b"{'a': 1}", (), "not JSON"),
    (b"[]", (), "not a JSON object"),
    (b'[{"jsonrpc":"2.0","id":1,"result":{}}]', (), "not a JSON object"),
    (b'{"level":"info","id":5}', (), "jsonrpc: Field required"),
    (b'{"id":5,"result":{}}', (5,), "jsonrpc: Field required"),
    (b'{"jsonrpc":"1.0","id":5,"result":{}}', (5,), "jsonrpc: Input should be '2.0'"),
    (b'{"jsonrpc":"2.0","id":5,"result":[]}', (5,), "result: Input should be a valid dictionary"),
    (b'{"jsonrpc":"2.0","id":"a","error":"no"}', ("a",), "error: Input should be"),
    (b'{"jsonrpc":"2.0","id":5,"error":{"code":"x","message":"m"}}', (5,), "error.code: "),
    (b'{"jsonrpc":"2.0","id":5,"error":{"code":true,"message":"m"}}', (5,), "error.code: should be a number"),
    (b'{"jsonrpc":"2.0","id":5,"error":{"code":1,"message":"m"},"result":{}}', (5,), "both a result and an error"),
    (b'{"jsonrpc":"2.0","id":5,"result":{"x":NaN}}', (5,), "NaN"),
    (b'{"jsonrpc":"2.0","id":"a-1","result":{"x":-Infinity}}', ("a-1",), "NaN or Infinity"),
    (b'{"jsonrpc":"2.0","id":5,"result":{"x":"\xff"}}', (5,), "not JSON (invalid unicode"),
    (b'{"jsonrpc":"2.0","result":{"x":"' + b"y" * 9000 + b'\xff"},"id":5}', (5,), "not JSON"),
    (b'{"jsonrpc":"2.0","id":5,"result":{"x":' + b"9" * 5000 + b"}}", (5,), "not JSON (number out of range"),
    (b'{"jsonrpc":"2.0","id":5,"result":' + b"[" * 3000, (5,), "recursion limit"),
]


@pytest.mark.parametrize(("line", "ids", "reason"), UNREADABLE)
def test_what_is_no_message_says_why_and_whose_answer_it_may_be(
    line: bytes, ids: tuple[object, ...], reason: str
) -> None:
    found = read_line(line)
    assert isinstance(found, Unreadable)
    assert found.ids == ids
    assert reason in found.reason
    assert found.reason.isprintable() and len(found.reason) < 400


@given(st.binary(max_size=200))
def test_any_line_can_be_read(line: bytes) -> None:
    found = read_line(line)
    if isinstance(found, Unreadable):
        assert found.reason and found.reason.isprintable()
