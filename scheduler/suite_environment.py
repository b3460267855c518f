"""Which variables of this process's environment suites may name: those that its operator allows, and no other."""

from collections.abc import Mapping

ALLOWED = "MCPF_ALLOWED_ENV"


def allowed_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that `MCPF_ALLOWED_ENV` lists (`A,B,C`), as far as they are set."""
    names = (name.strip() for name in environment.get(ALLOWED, "").split(","))
    return {name: environment[name] for name in names if name in environment}
