"""Suites that wait for others, and suites of which not all tests must pass.

Tables are changed in place: to make one anew would delete, row by row, what refers to it.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("run_plans", recreate="never") as plans:
        plans.add_column(sa.Column("waits_for", sa.JSON(), nullable=False, server_default="[]"))
        plans.add_column(sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false()))
        plans.add_column(sa.Column("required_success_rate", sa.Float(), nullable=True))
        plans.add_column(sa.Column("stop_outcome", sa.String(length=16), nullable=False, server_default=""))
    with op.batch_alter_table("runs", recreate="never") as runs:
        runs.add_column(sa.Column("held_plans", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("runs", recreate="never") as runs:
        runs.drop_column("held_plans")
    with op.batch_alter_table("run_plans", recreate="never") as plans:
        for name in ("stop_outcome", "required_success_rate", "held", "waits_for"):
            plans.drop_column(name)
