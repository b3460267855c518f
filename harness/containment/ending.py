"""How a server ended, and how that travels from its keeper. Standard library only, cheap to import."""

from signal import Signals
from typing import NamedTuple


class ServerExit(NamedTuple):
    """The end of a server process. `code` and `signal` exclude each other; both None: never learnt.

    `ended_by` says who ended it: "" (itself), "close" (asked politely), "kill" (the worker), "fault" (a bound
    that it broke), "pipe" (it closed a standard stream and stayed), "orphan" (its worker was gone).
    CPU seconds and memory are those of the process and the children it waited for.
    """

    code: int | None
    signal: int | None
    ended_by: str = ""
    left_over: int = 0
    survivors: int = 0
    unfinished_bytes: int = 0
    cpu_s: float = 0.0
    peak_memory_kib: int = 0

    @property
    def text(self) -> str:
        """One phrase for people: `exit code 3`, `SIGSEGV`."""
        if self.signal is not None:
            how = _signal_name(self.signal)
        else:
            how = f"exit code {self.code}" if self.code is not None else "unknown reason"
        return f"{how}, {_REASONS[self.ended_by]}" if self.ended_by in _REASONS else how


_REASONS = {
    "close": "at the end of its session",
    "kill": "sent by the farm",
    "fault": "sent by the farm for breaking a bound",
    "pipe": "sent by the farm after it had closed a standard stream",
    "orphan": "sent by the farm",
}


def _signal_name(number: int) -> str:
    try:
        return Signals(number).name
    except ValueError:
        return f"signal {number}"


def encode_exit(ending: ServerExit) -> bytes:
    """The payload of an ENDED frame."""
    return "\n".join(f"{name}={value}" for name, value in ending._asdict().items() if value is not None).encode()


def decode_exit(payload: bytes) -> ServerExit:
    """The reverse of `encode_exit`; unknown names are ignored, so that a keeper may say more."""
    found = dict(line.split("=", 1) for line in payload.decode().splitlines())
    return ServerExit(
        code=int(found["code"]) if "code" in found else None,
        signal=int(found["signal"]) if "signal" in found else None,
        ended_by=found.get("ended_by", ""),
        left_over=int(found.get("left_over", 0)),
        survivors=int(found.get("survivors", 0)),
        unfinished_bytes=int(found.get("unfinished_bytes", 0)),
        cpu_s=float(found.get("cpu_s", 0)),
        peak_memory_kib=int(found.get("peak_memory_kib", 0)),
    )
