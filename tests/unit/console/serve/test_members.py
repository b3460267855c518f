"""What the processes of a farm are started with."""

from pathlib import Path

from scheduler.console.serve import MEMBERS
from scheduler.console.serve_members import MAKERS, members_of
from scheduler.settings import FarmSettings

ROOT = Path(__file__).resolve().parents[4]
SETTINGS = FarmSettings(
    redis_url="redis://:farmsecret@host",
    worker_redis_url="redis://worker:workersecret@host",
    database_url="postgresql://u:dbsecret@host/farm",
    flower_auth="op:flowersecret",
    workers=3,
)


def test_the_procfile_has_one_line_for_each_member() -> None:
    lines = (ROOT / "Procfile").read_text().splitlines()
    names = tuple(line.partition(":")[0] for line in lines)
    assert names == MEMBERS == tuple(MAKERS)
    assert all(line.endswith(f" serve --only {name}") for line, name in zip(lines, names, strict=True))


def test_no_command_line_holds_a_secret() -> None:
    for member in members_of(MEMBERS, SETTINGS, (3, 4)):
        assert "secret" not in " ".join(member.command)


def test_only_workers_are_multiplied_and_none_of_them_knows_a_secret_of_the_farm() -> None:
    members = members_of(MEMBERS, SETTINGS, (3, 4))
    assert [member.name for member in members] == [
        "api",
        "control",
        "worker-1",
        "worker-2",
        "worker-3",
        "beat",
        "flower",
    ]
    for member in members:
        if member.name.startswith("worker"):
            assert "farmsecret" not in repr(member.environment)
            assert "dbsecret" not in repr(member.environment)


def test_the_api_alone_inherits_the_listening_sockets() -> None:
    inheriting = {member.name: member.fds for member in members_of(MEMBERS, SETTINGS, (3, 4)) if member.fds}
    assert inheriting == {"api": (3, 4)}
