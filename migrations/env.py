"""Alembic's environment: mmapp.migrate hands over the connection."""

from typing import Any

from alembic import context
from sqlalchemy.types import TypeDecorator

from mmapp.models import Base


def plain(kind: str, item: Any, _context: Any) -> Any:
    """Migrations name the database's own types: ours may change later, and old migrations must not."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=plain,
    render_as_batch=True,  # SQLite cannot alter columns in place
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
