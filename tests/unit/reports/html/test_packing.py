"""Blocks: the same bytes whenever they are made, as many as there is room for."""

import base64
import gzip
import json

from scheduler.reports.html.packing import MAX_BLOCK_BYTES, MAX_BLOCK_TESTS, pack, pack_details


def test_no_time_is_in_what_is_packed() -> None:
    assert base64.b64decode(pack(b"{}"))[4:8] == b"\0\0\0\0"


def test_tests_go_into_blocks_in_their_order() -> None:
    packed = pack_details([(number, b"%d" % number) for number in range(MAX_BLOCK_TESTS + 1)], 10_000)
    assert packed is not None
    assert [json.loads(gzip.decompress(base64.b64decode(block))) for block in packed.blocks] == [
        list(range(MAX_BLOCK_TESTS)),
        [MAX_BLOCK_TESTS],
    ]
    assert (packed.places[0], packed.places[149], packed.places[150]) == ((0, 0), (0, 149), (1, 0))


def test_a_block_is_no_larger_than_can_be_unpacked_at_once() -> None:
    packed = pack_details([(number, b"1" * (MAX_BLOCK_BYTES // 2)) for number in range(3)], 10_000_000)
    assert packed is not None
    assert packed.places == {0: (0, 0), 1: (0, 1), 2: (1, 0)}


def test_without_room_nothing_is_packed() -> None:
    assert pack_details([(0, b"{}")], 10) is None
    assert pack_details([(0, b"{}")], -1) is None
