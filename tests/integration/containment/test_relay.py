"""What a keeper passes on, what it bounds, and that it waits for nobody."""

import asyncio
import time
from pathlib import Path

import pytest

from harness.containment.kept import Fault, KeptServer, Line
from harness.containment.start import ServerStart
from harness.errors import ServerUnavailable
from tests.integration.mcp.scene import Scene, parent, play
from tests.processes import alive
from tests.waiting import wait_until

PATH = {"PATH": "/usr/bin:/bin"}


async def lines(kept: KeptServer) -> list[bytes]:
    """All that it says until its end."""
    return [said.text async for said in kept if isinstance(said, Line)]


def resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def test_lines_pass_unchanged_in_both_directions(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        sent = [b"plain", b"", b"\x00\xff\xfe bytes", "ünï".encode(), b"x" * 100_000, b"cr\r"]
        kept = await scene.keep("/bin/cat")
        for line in sent:
            kept.send(line + b"\n")
        received = [await kept.receive() for _ in sent]
        assert [line.text for line in received if isinstance(line, Line)] == sent

    play(tmp_path, act)


def test_many_lines_in_one_go_keep_their_order(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await scene.keep("seq", "200000", env=PATH)
        assert await lines(kept) == [str(number).encode() for number in range(1, 200_001)]

    play(tmp_path, act)


def test_a_request_is_stamped_before_its_answer(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await scene.keep("/bin/sh", "-c", "while read line; do sleep 0.05; echo $line; done", env=PATH)
        before = time.monotonic()
        kept.send(b"one\n", ticket=7)
        line = await kept.receive()
        written_at = kept.written_at(7)
        assert isinstance(line, Line) and written_at is not None
        assert before <= written_at <= line.received_at - 0.05
        assert line.received_at <= time.monotonic()
        assert kept.written_at(7) is None

    play(tmp_path, act)


def test_stderr_written_before_an_answer_is_known_with_the_answer(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await scene.keep("/bin/sh", "-c", "while read line; do echo about $line >&2; echo $line; done", env=PATH)
        for number in range(50):
            kept.send(b"%d\n" % number)
            await kept.receive()
            assert kept.stderr_tail().endswith(f"about {number}")

    play(tmp_path, act)


def test_of_endless_stderr_the_last_lines_are_kept_and_made_printable(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        program = r"seq 300000 >&2; printf '\033[31mred\377\n' >&2; exit 4"
        kept = await scene.keep("/bin/sh", "-c", program, env=PATH)
        assert await lines(kept) == []
        tail = kept.stderr_tail()
        assert tail.endswith("300000\n\\x1b[31mred\\xff") and len(tail) <= 4000
        assert kept.exit is not None and kept.exit.code == 4

    play(tmp_path, act)


@pytest.mark.parametrize("ending", ["", "\n"], ids=["no newline", "newline"])
def test_a_line_over_the_limit_ends_the_server_with_a_fault(tmp_path: Path, ending: str) -> None:
    async def act(scene: Scene) -> None:
        program = f"echo first; head -c 50000000 /dev/zero; printf '{ending}'; sleep 60"
        kept = await scene.keep("/bin/sh", "-c", program, env=PATH)
        said = [said async for said in kept]
        assert isinstance(said[0], Line) and said[0].text == b"first"
        assert said[1] == Fault("it wrote a line of more than 4194304 bytes") and len(said) == 2
        assert kept.exit is not None and kept.exit.ended_by == "fault"

    play(tmp_path, act)


def test_a_line_just_within_the_limit_passes(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        start = ServerStart("/bin/sh", ("-c", "head -c 1000 /dev/zero; echo; head -c 1001 /dev/zero; echo"), PATH, "/")
        kept = await scene.launcher.start_server(start._replace(line_limit_bytes=1000))
        said = [said async for said in kept]
        assert [type(each) for each in said] == [Line, Fault]
        assert isinstance(said[0], Line) and len(said[0].text) == 1000

    play(tmp_path, act)


def test_an_unfinished_last_line_is_counted_and_not_passed_on(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await scene.keep("/bin/sh", "-c", "echo whole; printf half", env=PATH)
        assert await lines(kept) == [b"whole"]
        assert kept.exit is not None and kept.exit.unfinished_bytes == 4

    play(tmp_path, act)


def test_a_program_that_is_given_its_whole_input_is_heard_to_its_last_byte(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await scene.keep("/bin/sh", "-c", "cat; printf half", env=PATH)
        kept.send(b"all\n")
        kept.send_eof()
        assert await lines(kept) == [b"all", b"half"]
        assert kept.exit is not None and (kept.exit.code, kept.exit.ended_by) == (0, "")

    play(tmp_path, act)


def test_a_worker_that_does_not_read_holds_the_server_back_and_not_the_memory(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await scene.keep("yes", "x" * 1000, env=PATH)
        keeper = parent(kept.pid)
        sizes = []
        for _ in range(10):
            await asyncio.sleep(0.05)
            sizes.append(resident_kib(keeper))
        assert max(sizes) < 60_000
        kept.kill()
        assert await kept.wait_ended(5), "the order to end is stuck behind unread lines"

    play(tmp_path, act)


def test_a_server_that_does_not_read_is_ended_when_too_much_waits_for_it(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await scene.keep("/bin/sleep", "60")
        kept.send(b"x" * 65_000_000 + b"\n")
        kept.send(b"x" * 5_000_000 + b"\n")
        (fault,) = [said async for said in kept]
        assert isinstance(fault, Fault) and "does not read its input" in fault.message

    play(tmp_path, act)


def test_the_order_to_end_overtakes_what_waits_for_a_server_that_does_not_read(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await scene.keep("/bin/sleep", "60")
        kept.send(b"x" * 10_000_000 + b"\n")
        started = time.monotonic()
        kept.kill()
        assert await kept.wait_ended(3)
        assert time.monotonic() - started < 1.0

    play(tmp_path, act)


def test_a_server_costs_no_cpu_while_it_says_nothing(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await scene.keep("/bin/cat")
        kept.send(b"x\n")
        await kept.receive()
        switches = _context_switches(parent(kept.pid))
        await asyncio.sleep(0.3)
        assert _context_switches(parent(kept.pid)) - switches <= 2

    play(tmp_path, act)


def test_a_closed_stdin_ends_a_server_once_something_cannot_be_delivered(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await scene.keep("/bin/sh", "-c", "exec 0<&-; echo closed; sleep 60", env=PATH)
        await kept.receive()
        kept.send(b"x\n")
        assert await kept.wait_ended(3)
        assert kept.exit is not None and kept.exit.ended_by == "pipe"

    play(tmp_path, act)


def test_a_report_is_not_lost_to_a_line_that_comes_too_late(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await scene.keep("/bin/sh", "-c", "exit 7")
        wait_until(lambda: not alive(kept.pid), 3)  # and the loop stands still meanwhile
        time.sleep(0.1)  # noqa: ASYNC251 - long enough for a keeper to leave, if it did
        kept.send(b"x\n")
        assert await kept.wait_ended(3)
        assert kept.exit is not None and kept.exit.code == 7

    play(tmp_path, act)


def test_many_servers_start_at_once(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await asyncio.gather(*(scene.keep("/bin/cat") for _ in range(40)))
        assert len({each.pid for each in kept}) == 40

    play(tmp_path, act)


def test_a_variable_that_cannot_be_is_refused(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        for env in ({"": "x"}, {"A=B": "x"}, {"A": "x\0"}):
            with pytest.raises(ServerUnavailable):
                await scene.keep("/bin/cat", env=env)

    play(tmp_path, act)


def test_a_worker_that_closes_its_end_is_obeyed_like_one_that_died(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        kept = await scene.keep("/bin/sleep", "60")
        kept.abandon()
        assert await kept.wait_ended(3)
        wait_until(lambda: not alive(kept.pid), 3, "the server lives on")

    play(tmp_path, act)


def _context_switches(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("nonvoluntary_ctxt_switches")[0].partition("voluntary_ctxt_switches:")[2])
