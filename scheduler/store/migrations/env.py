"""What alembic runs: our connection, our tables. Started by `scheduler.store.migrate` only."""

from alembic import context

from scheduler.store.database import own_metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=own_metadata(), render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
