"""Alembic's entry: migrate on the connection that `upgrade` was handed."""

from alembic import context

from vm_webapp.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
