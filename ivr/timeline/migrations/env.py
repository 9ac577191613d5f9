"""Alembic's entry: migrate over the connection, and inside the transaction, that ``migrating.py`` hands over."""

from alembic import context

from ivr.timeline.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
