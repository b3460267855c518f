"""Routes for those who watch: is the process alive, can it serve, and what does it use. Without a key."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.exposition import generate_latest
from pydantic import BaseModel
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import text

from harness.version import VERSION
from scheduler.console.api.access import AnyFarm
from scheduler.console.api.problems import Refusal, responses
from scheduler.control.farm import Farm

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """What a live process says."""

    status: str = "ok"
    version: str = VERSION


@router.get("/health")
def health() -> Health:
    """The process is alive. Asks nobody else."""
    return Health()


@router.get("/ready", responses=responses(503))
def ready(farm: AnyFarm) -> Health:
    """The database and Redis answer."""
    away = [name for name, answers in (("database", _database_answers), ("redis", _redis_answers)) if not answers(farm)]
    if away:
        raise Refusal(503, "unreachable", f"no answer from: {', '.join(away)}")
    return Health()


@router.get("/health/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def process_metrics() -> Response:
    """What this process uses, for Prometheus. The tests' metrics are on a port of their own."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _database_answers(farm: Farm) -> bool:
    try:
        with farm.store.session() as session:
            session.connection().execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _redis_answers(farm: Farm) -> bool:
    try:
        return bool(farm.redis.ping())
    except RedisError:
        return False
