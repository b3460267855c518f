"""The secrets of the servers of plans: which version of them a session has, and a server with their values."""

from harness.models.job import SuitePlan
from harness.models.server import Server
from harness.secrets.places import secrets_of, with_secrets
from harness.secrets.store import SecretStore

KNOWN_PLANS = 256


class PlanSecrets:
    """For one process. A plan is known by its digest."""

    def __init__(self, store: SecretStore) -> None:
        self._store = store
        self._named: dict[str, frozenset[str]] = {}

    def version(self, digest: str, plan: SuitePlan) -> str:
        """Changes when a secret of its server does. Empty when its server has none, which costs next to nothing."""
        if digest not in self._named:
            if len(self._named) >= KNOWN_PLANS:
                self._named.clear()
            self._named[digest] = secrets_of(plan.server)
        named = self._named[digest]
        return self._store.version(named) if named else ""

    def filled(self, server: Server) -> Server:
        """The server with the values of its secrets. Raises SecretMissing."""
        return with_secrets(server, self._store.resolve)
