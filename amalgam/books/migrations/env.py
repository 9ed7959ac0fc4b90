"""Brings the tables of the books up to this version; `amalgam.books.database` runs it in one transaction."""

from alembic import context

from amalgam.books.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
