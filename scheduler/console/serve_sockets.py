"""Owns the listening sockets of a farm: opened once by whoever supervises the API, inherited by its process."""

import errno
import ipaddress
import socket

from harness.errors import UsageError

BACKLOG = 512


def listen(host: str, port: int, option: str) -> socket.socket:
    """A listening socket; `port` 0 takes a free one. Raises UsageError that names `option` when it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind, protocol)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(BACKLOG)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = "is in use" if taken else f"cannot be listened on ({error.strerror})"
        raise UsageError(f"{host}:{port} {reason}; choose another with {option}") from error
    return opened


def port_of(opened: socket.socket) -> int:
    """The port that it listens on."""
    return int(opened.getsockname()[1])


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens on `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
