"""Alembic's environment: which database, which models, and how a new revision is numbered."""

from __future__ import annotations

import os
from logging.config import fileConfig
from typing import TYPE_CHECKING, Any, Literal

from alembic import context
from alembic.script import ScriptDirectory
from dotenv import dotenv_values
from sqlalchemy import JSON

from storage.database.schema_lock import with_schema_lock
from storage.database.url import normalise
from storage.models import Base
from storage.models.types import RawJSON, UTCDateTime

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alembic.autogenerate.api import AutogenContext
    from alembic.operations.ops import MigrationScript
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Connection


def database_url() -> str:
    """Find the URL: the caller's, `-x url=…`, DATABASE_URL (environment, then .env), alembic.ini."""
    given = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True).get("url")
    environment = os.environ.get("DATABASE_URL") or dotenv_values(".env").get("DATABASE_URL")
    url = given or environment or context.config.get_main_option("sqlalchemy.url")
    if not url:
        raise SystemExit("no database: set DATABASE_URL")
    return str(url)


def number_revision(
    migration: MigrationContext, _revision: str | Iterable[str | None], directives: list[MigrationScript]
) -> None:
    """Call the next revision by the next number, so that files sort in the order they were made."""
    script = ScriptDirectory.from_config(context.config)
    numbers = [int(known.revision) for known in script.walk_revisions() if known.revision.isdecimal()]
    for offset, directive in enumerate(directives, start=1):
        directive.rev_id = f"{max(numbers, default=0) + offset:03}"


def render_portably(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """Write our column types as plain ones: an old revision must not depend on today's models."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, RawJSON):
        return "sa.Text()"
    if kind == "type" and isinstance(item, JSON):
        autogenerate.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")'
    return False


def configure(**how: Any) -> None:
    """Set Alembic up the same way for a live database and for a script."""
    context.configure(
        target_metadata=Base.metadata,
        process_revision_directives=number_revision,
        render_item=render_portably,
        transactional_ddl=True,
        **how,
    )


def migrate(connection: Connection) -> None:
    """Run the revisions inside the caller's transaction; SQLite alters tables by rebuilding them."""
    configure(connection=connection, render_as_batch=connection.dialect.name == "sqlite")
    with context.begin_transaction():
        context.run_migrations()


def write_script() -> None:
    """Print the SQL instead of running it (`alembic upgrade head --sql`)."""
    url = normalise(database_url()).sync
    configure(dialect_name=url.get_backend_name(), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.config.config_file_name is not None:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)
if context.is_offline_mode():
    write_script()
else:
    with_schema_lock(database_url(), migrate)
