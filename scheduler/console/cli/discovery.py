"""What `discover` does: ask a live server for all that it offers, in every revision that we can offer."""

import argparse
import asyncio

from harness.discovery.asking import ask_offer
from harness.discovery.offer import Offer
from harness.errors import ServerFault
from harness.log import configure_logging
from harness.mcp.sdk import HANDSHAKE_PROTOCOL_VERSIONS
from harness.models.server import Server
from scheduler.console.cli.json_output import as_json
from scheduler.console.cli.live_server import LiveServer, server_of, with_live_server
from scheduler.console.cli.offer_text import offer_lines
from scheduler.console.cli.settings import read_settings
from scheduler.reports.json import finite


def tell_offer(given: argparse.Namespace) -> None:
    """Print it. ServerUnavailable, UsageError."""
    configure_logging("error", "console")
    server = server_of(given)

    async def look(live: LiveServer) -> Offer:
        place = await live.open()
        offer = await ask_offer(place.session, timeout_s=given.timeout)
        return offer.model_copy(update={"revisions": await _revisions(live, server)})

    offer = with_live_server(server, look, read_settings().server_path)
    if given.json:
        print(as_json(offer=finite(offer.model_dump(mode="json"))))
    else:
        print("\n".join(offer_lines(offer)))


async def _revisions(live: LiveServer, server: Server) -> tuple[str, ...]:
    """The revisions that the server chooses when they are offered, one start each."""
    offered = [server.model_copy(update={"protocol_version": revision}) for revision in HANDSHAKE_PROTOCOL_VERSIONS]
    chosen = await asyncio.gather(*(_chosen(live, one) for one in offered))
    return tuple(
        revision for revision, said in zip(HANDSHAKE_PROTOCOL_VERSIONS, chosen, strict=True) if revision == said
    )


async def _chosen(live: LiveServer, server: Server) -> str:
    try:
        place = await live.open(server)
    except ServerFault:
        return ""
    place.session.retire()
    return place.session.facts.protocol_version
