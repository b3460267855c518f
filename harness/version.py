"""The version of this program: a literal, so that `--version` loads nothing else."""

VERSION = "0.1.0"
