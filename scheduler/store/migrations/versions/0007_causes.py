"""Causes of closed runs, and what they are compared with.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run_causes",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("tests", sa.Integer(), nullable=False),
        sa.Column("example_id", sa.Text(), nullable=False),
        sa.Column("since_run", sa.String(length=32), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "key", "target"),
    )
    op.create_table(
        "run_looks",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("comparison", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id"),
    )
    with op.batch_alter_table("runs", recreate="never") as runs:
        runs.add_column(sa.Column("scope", sa.String(length=64), nullable=False, server_default=""))
        runs.add_column(sa.Column("selection", sa.String(length=64), nullable=False, server_default=""))
        runs.create_index("runs_scope", ["scope", "created_ms"])


def downgrade() -> None:
    with op.batch_alter_table("runs", recreate="never") as runs:
        runs.drop_index("runs_scope")
        for column in ("selection", "scope"):
            runs.drop_column(column)
    op.drop_table("run_looks")
    op.drop_table("run_causes")
