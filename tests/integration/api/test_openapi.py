"""The committed OpenAPI document is what the API says of itself."""

import json
from pathlib import Path

from tests.integration.api.conftest import Api

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "openapi.json"


def test_the_committed_document_is_current(api: Api) -> None:
    current = api.http.get("/v1/openapi.json").json()
    assert json.loads(DOCUMENT.read_text()) == current, (
        "run: python -m scheduler.console.api.document > docs/openapi.json"
    )


def test_every_reference_of_the_document_leads_somewhere(api: Api) -> None:
    text = api.http.get("/v1/openapi.json").text
    schemas = json.loads(text)["components"]["schemas"]
    for reference in text.split('"$ref":"#/components/schemas/')[1:]:
        assert reference.split('"')[0] in schemas
