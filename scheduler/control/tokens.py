"""Run tokens: what lets a worker fetch the blobs of one run. Derived from the farm's secret, stored nowhere."""

import hashlib
import hmac
import secrets
from weakref import WeakKeyDictionary

from sqlmodel import Session

from harness.models.run import RunState
from scheduler.control.farm import Farm
from scheduler.store.database import Store, insert_into
from scheduler.store.tables import FACTS, Fact, Run
from scheduler.store.values import now_ms

_SECRET = "run token secret"
_secrets: WeakKeyDictionary[Store, str] = WeakKeyDictionary()  # it never changes, and every message needs it


def run_token(farm: Farm, run_id: str) -> str:
    """The bearer token of a run."""
    return derive_token(farm_secret(farm), run_id)


def check_run_token(farm: Farm, token: str) -> str | None:
    """The id of the open run that `token` belongs to; None for any other token, and once the run is closed."""
    run_id = token.partition(".")[0]
    if not token.isascii() or not hmac.compare_digest(run_token(farm, run_id), token):
        return None
    with farm.store.session() as session:
        run = session.get(Run, run_id)
        return run_id if run is not None and run.state != RunState.CLOSED else None


def derive_token(secret: str, run_id: str) -> str:
    """A token that names its run and that only the farm could have made."""
    return f"{run_id}.{hmac.new(secret.encode(), run_id.encode(), hashlib.sha256).hexdigest()[:40]}"


def farm_secret(farm: Farm) -> str:
    """The farm's own secret, made once and shared by all its processes through the database."""
    known = _secrets.get(farm.store)
    if known is None:
        known = _secrets[farm.store] = _read_secret(farm)
    return known


def _read_secret(farm: Farm) -> str:
    with farm.store.session() as session:
        fact = session.get(Fact, _SECRET)
    if fact is not None:
        return fact.value
    with farm.store.writing() as session:
        return _make_secret(session)


def _make_secret(session: Session) -> str:
    row = {"name": _SECRET, "value": secrets.token_hex(32), "since_ms": now_ms()}
    session.connection().execute(insert_into(session, FACTS).on_conflict_do_nothing(), row)
    return session.get_one(Fact, _SECRET).value
