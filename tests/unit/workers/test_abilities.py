"""What a worker offers: the programs that its servers would find, and what it is told."""

from pathlib import Path

from workers.abilities import abilities_text, find_abilities, machine_of


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_programs_are_offered_with_the_versions_that_they_tell_and_what_is_told_wins(tmp_path: Path) -> None:
    program(tmp_path, "node", "echo v22.4.1")
    program(tmp_path, "python3", "echo no version; exit 1")
    program(tmp_path, "uvx", "exit 9")

    found = dict(find_abilities(str(tmp_path), "net=egress uvx=7 os=plan9"))

    del found["arch"]
    assert found == {"node": "22.4.1", "python": "", "uvx": "7", "net": "egress", "os": "plan9"}
    assert abilities_text(found) == "net=egress node=22.4.1 os=plan9 python uvx=7"
    assert machine_of(found).node == "22.4.1"


def test_a_program_that_cannot_be_run_is_not_offered(tmp_path: Path) -> None:
    (tmp_path / "node").write_bytes(b"\0 no program")
    (tmp_path / "node").chmod(0o755)
    assert "node" not in find_abilities(str(tmp_path), "")
