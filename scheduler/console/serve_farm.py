"""Serves: a farm on one machine, all its processes under one supervisor; or one of them, for a Procfile.

Brings up Redis where none is set, makes the first key, opens the API's ports once (a restart of the API loses no
connection), and hands each process exactly the settings that it may know.
"""

import argparse
import contextlib
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.errors import UsageError
from harness.log import configure_logging
from scheduler.console.cli.json_output import as_json
from scheduler.console.serve_members import members_of
from scheduler.console.serve_sockets import is_loopback, listen, port_of
from scheduler.operate.addresses import BroughtUp, bring_up_redis, find_redis
from scheduler.operate.environment import api_address
from scheduler.operate.keys import create_key, first_key
from scheduler.operate.supervise import supervise
from scheduler.settings import FarmSettings, load_settings
from scheduler.store.database import open_store
from scheduler.store.owners import ALL_PROJECTS

WITHOUT_FLOWER = ("api", "control", "beat", "worker")


def serve(arguments: argparse.Namespace) -> int:
    """Run the farm, or one of its processes, until SIGTERM (0) or Ctrl-C (130)."""
    settings = load_settings(arguments.config, **_overrides(arguments))
    names = tuple(arguments.only or (*WITHOUT_FLOWER, *(["flower"] if arguments.flower else [])))
    configure_logging(settings.log_level, settings.log_format, process="serve")
    _make_state_dir(settings.state_dir)
    with contextlib.ExitStack() as stack:
        sockets: list[socket.socket] = []
        if "api" in names:
            sockets = [stack.enter_context(one) for one in _open_ports(settings)]
            settings = _with_ports(settings, sockets)
            _show_key(settings, new=arguments.new_key)
        redis = stack.enter_context(_redis(settings, owner="api" in names))
        settings = redis.addresses.fill_in(settings)
        members = members_of(names, settings, [one.fileno() for one in sockets])
        return supervise(
            members, started=lambda: _announce(settings, names, as_object=arguments.json), woken=redis.keep
        )


def _overrides(arguments: argparse.Namespace) -> dict[str, object]:
    given = {
        "workers": arguments.workers,
        "api_host": arguments.host,
        "api_port": arguments.port,
        "metrics_port": arguments.metrics_port,
        "state_dir": arguments.state_dir,
    }
    return {name: value for name, value in given.items() if value is not None}


def _make_state_dir(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the state directory {path} cannot be used: {error.strerror}") from error


def _open_ports(settings: FarmSettings) -> Iterator[socket.socket]:
    yield listen(settings.api_host, settings.api_port, "--port")
    yield listen(settings.api_host, settings.metrics_port, "--metrics-port")


def _with_ports(settings: FarmSettings, sockets: Sequence[socket.socket]) -> FarmSettings:
    return settings.model_copy(update={"api_port": port_of(sockets[0]), "metrics_port": port_of(sockets[1])})


def _show_key(settings: FarmSettings, *, new: bool) -> None:
    """Bring the database up to date, and show a key where there is none yet or another one is wanted."""
    with open_store(settings.database) as store:
        text = first_key(store)
        if text is None and new:
            text = create_key(store, "admin", ALL_PROJECTS)
    if text is not None:
        print(f"admin key, shown only now: {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def _redis(settings: FarmSettings, *, owner: bool) -> Iterator[BroughtUp]:
    if not owner:
        yield BroughtUp(find_redis(settings))
        return
    with bring_up_redis(settings) as brought_up:
        yield brought_up


def _announce(settings: FarmSettings, names: Sequence[str], *, as_object: bool) -> None:
    if "api" not in names:
        return
    lines = [f"farm at {api_address(settings)}, metrics on port {settings.metrics_port}, pid {os.getpid()}"]
    if "flower" in names:
        lines.append(f"flower at http://{settings.flower_host}:{settings.flower_port}")
    if not is_loopback(settings.api_host):
        lines.append("warning: others can reach this address, and nothing is encrypted; put TLS in front of it")
    for line in lines:
        print(line, file=sys.stderr, flush=True)
    if as_object:
        farm = {"url": api_address(settings), "metrics_port": settings.metrics_port, "pid": os.getpid()}
        print(as_json(farm=farm), flush=True)
