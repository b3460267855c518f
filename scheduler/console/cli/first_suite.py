"""What `init` does: write a first suite that runs as it is, and the schema beside it."""

import argparse
import sys

from scheduler.console.cli.json_output import as_json
from scheduler.console.cli.new_files import SCHEMA_REFERENCE, write_new, write_schema

SUITE = f"""\
# yaml-language-server: $schema={SCHEMA_REFERENCE}
# Every key: docs/suites.md, or let your editor complete them.
name: "My server"

# How your server is started. It runs in a folder of its own, which is empty but for what `files:` puts there.
server:
  command: "mcp-server-time"
  args: []
  env: {{}}

tools:
  - name: "convert_time"
    tests:
      - name: "west to east"
        input: {{source_timezone: "UTC", time: "16:30", target_timezone: "Asia/Tokyo"}}
        expected:
          fields:
            # A path into the answer, and what must be there.
            - {{path: "$.content[0].type", value: "text"}}
            - {{path: "$.content[0].text", contains: "+9.0h"}}
        tags: ["smoke"]

      - name: "the twenty-fifth hour is refused"
        input: {{source_timezone: "UTC", time: "25:00", target_timezone: "UTC"}}
        expected: {{error: true, error_message_contains: "Invalid time format"}}

test_config:
  timeout_seconds: 30
"""


def write_first_suite(given: argparse.Namespace) -> None:
    """Write it, and say what to do next. UsageError when there is such a file."""
    files = [write_new(given.file, SUITE), *write_schema(given.file.parent)]
    if given.json:
        print(as_json(files=[str(file) for file in files]))
        return
    print("\n".join(map(str, files)))
    print(f"name your server in it, then: mcp-test-harness run {given.file}", file=sys.stderr)
