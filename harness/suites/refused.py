"""Keys that some document names and that will not act: an error, with the reason and what to write instead.

One table: model → key → the end of the sentence. Keys that may act one day stand in `deferred.py`.
"""

from collections.abc import Mapping

from harness.models.expected import Expected
from harness.models.suite import TestCase
from harness.models.wire import Authored

REFUSED: Mapping[type[Authored], Mapping[str, str]] = {
    TestCase: {"expected_response": "nobody says how an answer is compared with it; write 'expected' with 'fields'"},
    Expected: {"custom_validation": "a script is not part of what is expected; write it below 'scripts' of the test"},
}
"""The whole table."""
