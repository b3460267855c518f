"""Retries, lanes, deadlines, and the health of targets.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'retry_wait'")


def upgrade() -> None:
    op.create_table(
        "target_health",
        sa.Column("project", sa.String(length=200), nullable=False),
        sa.Column("target", sa.String(length=400), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("opened_ms", sa.BigInteger(), nullable=True),
        sa.Column("probed_ms", sa.BigInteger(), nullable=True),
        sa.Column("failed_ms", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project", "target"),
    )
    with op.batch_alter_table("runs") as runs:
        runs.add_column(sa.Column("lane", sa.String(length=16), nullable=False, server_default="batch"))
        runs.add_column(sa.Column("deadline_ms", sa.BigInteger(), nullable=True))
        runs.add_column(sa.Column("stop_outcome", sa.String(length=16), nullable=True))
        runs.add_column(sa.Column("retries", sa.Integer(), nullable=False, server_default="0"))
        runs.add_column(sa.Column("notice", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("run_plans") as plans:
        plans.add_column(sa.Column("retry", sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table("tests") as tests:
        tests.add_column(sa.Column("idempotent", sa.Boolean(), nullable=False, server_default=sa.true()))
        tests.add_column(sa.Column("retries", sa.Integer(), nullable=False, server_default="0"))
        tests.add_column(sa.Column("avoid", sa.Text(), nullable=False, server_default=""))
        tests.create_index(
            "tests_waiting", ["run_id", "not_before_ms"], sqlite_where=WAITING, postgresql_where=WAITING
        )


def downgrade() -> None:
    with op.batch_alter_table("tests") as tests:
        tests.drop_index("tests_waiting", sqlite_where=WAITING, postgresql_where=WAITING)
        for column in ("avoid", "retries", "idempotent"):
            tests.drop_column(column)
    with op.batch_alter_table("run_plans") as plans:
        plans.drop_column("retry")
    with op.batch_alter_table("runs") as runs:
        for column in ("notice", "retries", "stop_outcome", "deadline_ms", "lane"):
            runs.drop_column(column)
    op.drop_table("target_health")
