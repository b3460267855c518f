"""The two kinds of model that everything else derives from.

What an author writes refuses unknown keys; what travels or is stored ignores them, so that an older process
can live beside a newer one.
"""

from pydantic import BaseModel, ConfigDict


class Authored(BaseModel):
    """A model of something a person writes in a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Wire(BaseModel):
    """A model of something that travels between processes or is stored."""

    model_config = ConfigDict(frozen=True, extra="ignore")
