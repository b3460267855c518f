"""Prints the OpenAPI document: `python -m scheduler.console.api.document > docs/openapi.json`.

A test keeps the committed one equal to what the API says.
"""

import json

from scheduler.console.api.app import create_app, openapi_document

if __name__ == "__main__":
    print(json.dumps(openapi_document(create_app(None)), indent=1, sort_keys=True))  # type: ignore[arg-type]  # no farm
