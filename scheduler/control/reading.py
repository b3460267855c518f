"""Which blobs a run's token opens: the run's bundle, its files and its plans, and nothing else."""

from functools import lru_cache

from sqlmodel import select

from harness.errors import BlobMissing
from harness.models.job import Bundle
from scheduler.control.farm import Farm
from scheduler.store.tables import Run, RunPlan

_KNOWN_BUNDLES = 64


def run_may_read(farm: Farm, run_id: str, digest: str) -> bool:
    """Whether the blob belongs to the run."""
    with farm.store.session() as session:
        run = session.get(Run, run_id)
        plan = session.exec(select(RunPlan.plan).where(RunPlan.run_id == run_id, RunPlan.digest == digest)).first()
    if run is None:
        return False
    return plan is not None or digest == run.bundle or digest in _files_of(farm, run.bundle)


def _files_of(farm: Farm, bundle: str) -> frozenset[str]:
    try:
        return _digests_in(farm.blobs.get(bundle))
    except BlobMissing:
        return frozenset()


@lru_cache(maxsize=_KNOWN_BUNDLES)
def _digests_in(bundle: bytes) -> frozenset[str]:
    return frozenset(file.digest for file in Bundle.model_validate_json(bundle).files)
