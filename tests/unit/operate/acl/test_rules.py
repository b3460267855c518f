"""The rules of the workers' user, as text."""

import re
from pathlib import Path

from scheduler.operate.acl import GRANTS, worker_rules

PROTOCOL = Path(__file__).resolve().parents[4] / "docs" / "protocol.md"
CELERYS_OWN = {"_kombu.binding_deadlines", "_kombu.binding_permanent.*", "*.reply.celery.pidbox", "*.celery.pidbox"}


def test_the_keys_granted_are_exactly_those_that_the_protocol_names() -> None:
    text = PROTOCOL.read_text()
    sentence = text[text.index("Workers connect as an ACL user") : text.index("and Celery's channels")]
    documented = set(re.findall(r"`([a-z_.]+[a-z0-9.:_*]*)`", sentence))
    granted = {pattern for grant in GRANTS if not grant.channels for pattern in grant.patterns}
    assert granted - CELERYS_OWN == documented


def test_no_category_and_no_wildcard_command_is_granted() -> None:
    words = " ".join(worker_rules("secret")).split()
    assert not [word for word in words if word.strip("()").startswith(("+@", "allcommands", "allkeys", "~*:", "&*"))]
    assert "~*" not in words


def test_the_rules_begin_anew_and_leave_out_what_an_older_server_does_not_know() -> None:
    assert worker_rules("s3cret")[:3] == ("reset", "on", ">s3cret")
    assert set(worker_rules("s3cret")) - set(worker_rules("s3cret", newer=())) == {"+client|setinfo"}
