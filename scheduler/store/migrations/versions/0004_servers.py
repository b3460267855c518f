"""Which server a suite's tests are run on: suites of one name may have different ones.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("run_plans") as plans:
        plans.add_column(sa.Column("server", sa.String(length=64), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("run_plans") as plans:
        plans.drop_column("server")
