"""Migrations: brings a database to the schema that this version of the bot needs."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError

from storage.database.error_classification import driver_message, is_unavailable
from storage.database.errors import StorageError, StorageUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


def upgrade(url: str, revision: str = "head") -> None:
    """Run the migrations still missing, all or none of them, one process at a time.

    Blocks, and starts an event loop of its own on PostgreSQL: call it before the loop starts, or in a thread.
    Raises StorageUnavailable when the database cannot be reached, StorageError when it is at a revision unknown here.
    """
    with _as_storage_errors():
        command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Undo migrations down to `revision` (`-1` is one step, `base` all); blocks and raises as `upgrade` does."""
    with _as_storage_errors():
        command.downgrade(_config(url), revision)


@contextmanager
def _as_storage_errors() -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        raise StorageError(_message(error)) from error
    except Exception as error:
        if is_unavailable(error, connecting=True):
            raise StorageUnavailable(driver_message(error)) from error
        raise


def _message(error: CommandError) -> str:
    if not isinstance(error.__cause__, ResolutionError):
        return "the schema cannot be moved there; zavhoz db status tells the revision that it is at"
    revision = error.__cause__.argument
    what = f"the schema has or is to get the revision {revision}, which this version does not know"
    return f"{what}; run the newer version that does, or take the schema down with it first"


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the database, None when it has no schema."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def newest() -> str | None:
    """Return the newest revision there is."""
    return ScriptDirectory.from_config(_config("")).get_current_head()


def _config(url: str) -> Config:
    # Found as a package, not in the working directory: an installed bot has no checkout around it.
    with resources.as_file(resources.files("migrations")) as folder:
        config = Config(attributes={"url": url})
        config.set_main_option("script_location", os.fspath(folder).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        return config
