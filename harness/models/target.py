"""One server under test, with what is known of it besides how it is started: a file of `targets/`."""

from pydantic import Field

from harness.models.server import Server


class Target(Server):
    """A server, and whose it is. Beside its own keys it has all those of `server:` in a suite."""

    name: str = Field(min_length=1, max_length=200, description="unique in a run; part of every test's id")
    version: str = Field(default="", max_length=200, description="what the owner calls this state of it; text")
    owner: str = Field(default="", max_length=200, description="who is told when it fails")
    description: str = Field(default="", max_length=2000)
    labels: dict[str, str] = Field(default_factory=dict, description="`--label KEY=VALUE` selects by these")

    @property
    def server(self) -> Server:
        """How it is started or reached."""
        return Server.model_validate(self.model_dump(include=set(Server.model_fields), exclude_unset=True))


def inline_target(name: str, server: Server) -> Target:
    """The target that a suite has by its `server:`: it bears the suite's name."""
    return Target.model_validate({**server.model_dump(exclude_unset=True), "name": name})
