"""Servers over HTTPS: their certificates are verified, against the authorities of the system and of the operator."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from harness.errors import ServerUnavailable
from harness.mcp.http_client import _certificates
from harness.models.server import Server
from tests.integration.mcp.scene import Scene, over_http, play

AUTHORITY = trustme.CA()


@pytest.fixture(autouse=True)
def fresh_authorities() -> Iterator[None]:
    """A process reads them once."""
    _certificates.cache_clear()
    yield
    _certificates.cache_clear()


def server_named(name: str, folder: Path) -> Server:
    """One that listens on 127.0.0.1 and says that it is `name`."""
    pem = folder / "server.pem"
    AUTHORITY.issue_cert(name).private_key_and_cert_chain_pem.write_to_path(str(pem))
    env = {"PORT": "${port}", "CERTIFICATE": str(pem)}
    return over_http("http_witness", url="https://127.0.0.1:${port}/mcp", env=env)


def trust(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the operator trust the authority."""
    AUTHORITY.cert_pem.write_to_path(str(folder / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))


def test_a_server_with_a_certificate_of_a_known_authority_is_spoken_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(tmp_path, monkeypatch)

    async def act(scene: Scene) -> bool:
        session = await scene.open(server_named("127.0.0.1", tmp_path))
        answer = (await session.call_tool("go", {}, timeout_s=5)).answer
        await session.close()
        return answer.is_error

    assert play(tmp_path, act) is False


@pytest.mark.parametrize(
    ("name", "is_trusted", "why"),
    [
        ("127.0.0.1", False, "certificate verify failed: unable to get local issuer"),
        ("127.0.0.2", True, "IP address mismatch"),
    ],
)
def test_any_other_is_not_and_its_fault_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_trusted: bool, why: str
) -> None:
    if is_trusted:
        trust(tmp_path, monkeypatch)

    async def act(scene: Scene) -> str:
        with pytest.raises(ServerUnavailable) as caught:
            await scene.open(server_named(name, tmp_path))
        return str(caught.value)

    assert why in play(tmp_path, act)
