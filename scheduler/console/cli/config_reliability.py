"""Owns what a configuration says of retries and of servers that cannot be started, as the seed's documents name it."""

from pydantic import Field

from harness.models.suite import Retry
from harness.models.wire import Authored
from harness.suites.findings import Findings
from harness.suites.retrying import faults_of
from harness.suites.tree import Entry, MapNode
from scheduler.console.cli.config_section import read_section
from scheduler.state.breaker import Terms

NEVER = 1_000_000_000
"""Failures in a row that no run reaches."""


class HealthCheck(Authored):
    """`server.health_check` of the file. The defaults are those of the seed's documents."""

    enabled: bool = True
    failure_threshold: int = Field(default=5, ge=1, le=1000)
    interval_seconds: float = Field(default=30, gt=0, le=3600)
    recovery_timeout_seconds: float = Field(default=60, ge=0, le=86_400)
    timeout_seconds: float = Field(default=10, gt=0, le=300)

    @property
    def terms(self) -> Terms:
        """When a server counts as unreachable; switched off, it never does."""
        failures = self.failure_threshold if self.enabled else NEVER
        return Terms(failures, self.interval_seconds, self.recovery_timeout_seconds)


def read_retry(entry: Entry, key: str, findings: Findings) -> Retry | None:
    """The policy of suites that have none."""
    read = read_section(entry, key, Retry, findings)
    if read is None:
        return None
    policy, shape = read
    for fault in faults_of(policy):
        findings.error(shape.spot_of(fault.place).value, fault.message, fault.hint)
    return policy


def read_breaker(entry: Entry, key: str, findings: Findings) -> Terms | None:
    """When a server counts as unreachable. How long a start may take is each suite's business so far."""
    read = read_section(entry, key, HealthCheck, findings)
    if isinstance(entry.node, MapNode) and "timeout_seconds" in entry.node.entries:
        findings.defer(entry.node.entries["timeout_seconds"].key_mark, f"{key}.timeout_seconds")
    return read[0].terms if read else None
