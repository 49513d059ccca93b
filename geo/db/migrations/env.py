"""Alembic's environment: it works on the connection that `geo.db.migrate` opened and locked."""

from alembic import context

from geo.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=False,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
