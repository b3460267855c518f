"""What every attempt of this process is given beside its session, and how what it says leaves the process."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from harness.leasing import AttemptContext, EvidenceKeeper
from harness.models.attempt import AttemptRecord
from harness.models.job import SuitePlan
from harness.scripts.runner import ScriptRunner
from harness.secrets.records import scrub_record
from harness.secrets.store import SecretStore
from workers.plan_secrets import PlanSecrets


@dataclass(frozen=True)
class Equipment:
    """One per process. Without a keeper no evidence is kept; scripts and snapshots need a runner and blobs."""

    secrets: SecretStore
    plans: PlanSecrets
    keeper: EvidenceKeeper | None = None
    scripts: ScriptRunner | None = None
    blob: Callable[[str, str], Awaitable[bytes]] | None = None

    def equip(self, context: AttemptContext, plan: SuitePlan) -> AttemptContext:
        """The context of an attempt, with all of this."""
        return replace(
            context,
            secret=self.secrets.resolve,
            secrets_version=self.plans.version(context.plan, plan),
            scripts=self.scripts,
            blob=self.blob,
            keeper=self.keeper,
        )

    def scrubbed(self, record: AttemptRecord) -> AttemptRecord:
        """The record without the value of any secret."""
        return scrub_record(record, self.secrets.scrubber)
