"""The check `response_limits`: how large the answer was as it came over the wire."""

from collections.abc import Iterator

from harness.checks.case import Case, Found
from harness.checks.show import Mismatch


def is_small_enough(case: Case) -> Iterator[Found]:
    """Not more bytes than the limit. An answer whose size nobody measured fails."""
    limits = case.expected.response_limits
    limit, size = (limits.size_bytes if limits else None), case.inputs.size_bytes
    if limit is None:
        return
    if size is None:
        yield Found(Mismatch(f"at most {limit:,} bytes", "an answer whose size was not measured"))
    elif size > limit:
        yield Found(Mismatch(f"at most {limit:,} bytes", f"{size:,} bytes"))
