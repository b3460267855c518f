"""One server under test, with what is known of it besides how it is started: a file of `targets/`."""

from pydantic import Field

from harness.models.server import Server
from harness.models.wire import Authored, Wire


class Install(Authored):
    """A package that holds the server. Give `npm` or `pypi`."""

    npm: str | None = Field(default=None, description="a package of npm at its exact version: `NAME@1.2.3`")
    pypi: str | None = Field(default=None, description="a package of PyPI at its exact version: `NAME==1.2.3`")
    lock: str | None = Field(
        default=None,
        description="a file beside the target: package-lock.json, or requirements with hashes; pins all that it needs",
    )
    allow_scripts: bool = Field(
        default=False, description="true: packages may run code while they are installed, or be built from source"
    )


class Target(Server):
    """A server, and whose it is. Beside its own keys it has all those of `server:` in a suite."""

    name: str = Field(min_length=1, max_length=200, description="unique in a run; part of every test's id")
    version: str = Field(default="", max_length=200, description="what the owner calls this state of it; text")
    owner: str = Field(default="", max_length=200, description="who is told when it fails")
    description: str = Field(default="", max_length=2000, description="for people")
    labels: dict[str, str] = Field(default_factory=dict, description="`--label KEY=VALUE` selects by these")
    install: Install | None = Field(
        default=None, description="installed by each worker before the first session; its programs come first in PATH"
    )
    requires: tuple[str, ...] = Field(
        default=(), max_length=20, description="what a worker must offer: `node>=20`, `uvx`, `net=egress`"
    )
    secrets: tuple[str, ...] = Field(
        default=(), max_length=50, description="names of the secrets that its tests may use"
    )

    @property
    def server(self) -> Server:
        """How it is started or reached."""
        return Server.model_validate(self.model_dump(include=set(Server.model_fields), exclude_unset=True))


class TargetQuery(Authored):
    """Which targets of the run a suite is for."""

    labels: dict[str, str] = Field(min_length=1, description="those that have all of these")


class PlannedInstall(Wire):
    """What a worker installs before it starts the server. `lock`: digest of a blob, empty without one."""

    npm: str | None = None
    pypi: str | None = None
    lock: str = ""
    allow_scripts: bool = False


def inline_target(name: str, server: Server) -> Target:
    """The target that a suite has by its `server:`: it bears the suite's name."""
    return Target.model_validate({**server.model_dump(exclude_unset=True), "name": name})
