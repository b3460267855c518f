"""Names of keys, as docs/protocol.md says them."""

import pytest

from workers.leases import (
    Lease,
    beat_member,
    cancelled_key,
    lease_key,
    parse_beat_member,
    records_key,
    wake_key,
    worker_key,
)


def test_keys_are_named_as_the_protocol_says() -> None:
    assert lease_key("r1", 4) == "farm:lease:r1:4"
    assert records_key("r1") == "farm:records:r1"
    assert wake_key("r1") == "farm:wake:r1"
    assert cancelled_key("r1") == "farm:cancelled:r1"
    assert worker_key("w1") == "farm:worker:w1"


def test_a_lease_knows_its_names() -> None:
    lease = Lease("r1", 4, 2, "w1", "token")

    assert (lease.key, lease.member) == ("farm:lease:r1:4", "r1:4:2")


def test_members_of_beats_are_read_back_even_of_odd_runs() -> None:
    assert parse_beat_member(beat_member("a:b", 4, 2)) == ("a:b", 4, 2)
    with pytest.raises(ValueError, match="unpack"):
        parse_beat_member("nonsense")
