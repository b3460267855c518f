"""What `generate` does: try what a live server offers, and write what passes. Nothing is replaced."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.discovery.asking import ask_offer
from harness.discovery.candidates import Candidate, candidates_of
from harness.discovery.offer import Offer
from harness.discovery.suite_text import suite_lines
from harness.discovery.trial import Trial, Tried
from harness.errors import ServerFault
from harness.log import configure_logging
from harness.safe_text import one_line
from scheduler.console.cli.json_output import as_json
from scheduler.console.cli.live_server import LiveServer, server_of, with_live_server
from scheduler.console.cli.new_files import SCHEMA_REFERENCE, check_new, write_new, write_schema
from scheduler.console.cli.settings import read_settings
from scheduler.reports.wording import amount

SAMPLE_NAME, SAMPLE = "sample.txt", b"hello\nworld\n"
NOT_CALLED = "the tool may change things, so it was not called; generate --allow-destructive calls it"
MAX_SUITE_NAME = 200


@dataclass(frozen=True)
class Made:
    """What was found out."""

    offer: Offer
    tried: tuple[Tried, ...]

    @property
    def written(self) -> int:
        """How many tests are not skipped."""
        return sum(entry.expected is not None for entry in self.tried)


def write_suite(given: argparse.Namespace) -> None:
    """Write the suite, to a file or to stdout, and say on stderr what is in it. ServerUnavailable, UsageError."""
    configure_logging("error", "console")
    server, sample = server_of(given), {SAMPLE_NAME: SAMPLE} if given.output else {}
    if given.output:
        check_new(given.output)
    made = with_live_server(server, lambda live: _make(live, given, bool(sample)), read_settings().server_path, sample)
    used = any(entry.input and SAMPLE_NAME in str(entry.input) for entry in made.tried)
    beside = f"{given.output.stem}.{SAMPLE_NAME}" if given.output and used else ""
    name = given.name or made.offer.server_name or "server"
    lines = suite_lines(
        made.offer,
        server,
        made.tried,
        name=one_line(name, MAX_SUITE_NAME),
        schema=SCHEMA_REFERENCE if given.output else "",
        sample=beside,
    )
    text = "".join(f"{line}\n" for line in lines)
    _deliver(text, made, given, beside)


async def _make(live: LiveServer, given: argparse.Namespace, with_sample: bool) -> Made:
    place = await live.open()
    offer = await ask_offer(place.session, timeout_s=given.timeout)
    place.session.retire()
    trial = Trial(live.open, timeout_s=given.timeout)
    tried = [await _try(trial, live, candidate, given) for candidate in candidates_of(offer, with_sample=with_sample)]
    return Made(offer, _without_lost_causes(tried))


async def _try(trial: Trial, live: LiveServer, candidate: Candidate, given: argparse.Namespace) -> Tried:
    """What changes things is tried on servers of its own: nothing that comes later may see it."""
    if candidate.is_destructive and not given.allow_destructive:
        return Tried(candidate, trouble=NOT_CALLED)
    if candidate.is_destructive:
        trial = Trial(live.open, timeout_s=given.timeout)
    try:
        return await trial.run(candidate)
    except ServerFault as fault:
        return Tried(candidate, trouble=one_line(str(fault), 200))


def _without_lost_causes(tried: Sequence[Tried]) -> tuple[Tried, ...]:
    """Mistakes that a server accepts are no tests; what should work and does not is skipped, so that it is seen."""
    return tuple(entry for entry in tried if entry.expected is not None or not entry.candidate.refused)


def _deliver(text: str, made: Made, given: argparse.Namespace, beside: str) -> None:
    files: list[Path] = []
    if given.output:
        files.append(write_new(given.output, text))
        files += [write_new(given.output.parent / beside, SAMPLE.decode())] if beside else []
        files += write_schema(given.output.parent)
    skipped = len(made.tried) - made.written
    if given.json:
        told = {"tests": made.written, "skipped": skipped, "files": [str(file) for file in files]}
        print(as_json(suite=told if given.output else {**told, "text": text}))
        return
    print(text if not given.output else "\n".join(map(str, files)), end="\n" if given.output else "")
    print(f"{amount(made.written, 'test')} that pass, {skipped:,} skipped: see the comments", file=sys.stderr)
