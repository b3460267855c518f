"""The table of targets that failed of late. Rows are written in the transaction that stores what they follow from."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from sqlalchemy import bindparam, delete, select
from sqlmodel import Session

from scheduler.state.breaker import Health, Terms, is_forgotten
from scheduler.store.database import insert_into
from scheduler.store.tables import TARGET_HEALTH
from scheduler.store.values import storable

_H = TARGET_HEALTH.c
_LOAD = select(_H.project, _H.target, _H.failures, _H.failed_ms, _H.evidence, _H.opened_ms, _H.probed_ms)
_DELETE = delete(TARGET_HEALTH).where(_H.project == bindparam("b_project"), _H.target == bindparam("b_target"))
_VALUES = ("failures", "failed_ms", "evidence", "opened_ms", "probed_ms")

TargetKey = tuple[str, str]
"""Project, and pool with the digest of the server."""


def target_key(project: str, pool: str, server: str) -> TargetKey:
    """What a server of a project is called here: each pool has its own way to it."""
    return project, f"{pool}:{server}"


def load_health(session: Session, now_ms: int, terms: Terms) -> dict[TargetKey, Health]:
    """All targets of which something is wrong now. Few, if all is well."""
    rows = session.connection().execute(_LOAD)
    found = {(project, target): Health(*rest) for project, target, *rest in rows}
    return {key: health for key, health in found.items() if not is_forgotten(health, now_ms, terms)}


def prune_health(session: Session, before_ms: int) -> None:
    """Delete what failed last before then."""
    session.connection().execute(delete(TARGET_HEALTH).where(_H.failed_ms < before_ms))


def save_health(session: Session, healths: Mapping[TargetKey, Health]) -> None:
    """Write what is known of these targets, in one order for all writers."""
    rows = [
        {"project": project, "target": target, **asdict(health), "evidence": storable(health.evidence)}
        for (project, target), health in sorted(healths.items(), key=lambda item: item[0])
    ]
    if not rows:
        return
    statement = insert_into(session, TARGET_HEALTH)
    changes = {name: statement.excluded[name] for name in _VALUES}
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=["project", "target"], set_=changes), rows
    )


def forget_health(session: Session, targets: Iterable[TargetKey]) -> None:
    """These targets are well again."""
    rows = [{"b_project": project, "b_target": target} for project, target in sorted(targets)]
    if rows:
        session.connection().execute(_DELETE, rows)
