"""`zavhoz db`: the schema of the database, up and down."""

from collections.abc import Callable
from typing import Annotated

import typer

from bot.cli.common import Chosen, Database, chosen_database
from storage.database import migrate
from storage.database.process_lock import acquire_process_lock
from storage.database.read_only import read_only

db = typer.Typer(help="The schema of the database. A starting bot brings it up by itself.", no_args_is_help=True)

Revision = Annotated[
    str, typer.Argument(metavar="REVISION", help="The one to return to, such as 004; -1 undoes one, base all.")
]


@db.command()
def status(database: Database = None) -> None:
    """Say at which revision the database is; exit with 1 where this version needs another."""
    if not _fits(chosen_database(database)):
        raise typer.Exit(1)


@db.command()
def upgrade(database: Database = None) -> None:
    """Bring the schema to the revision that this version needs."""
    _migrate(chosen_database(database, there=False), "head", migrate.upgrade)


# A step down is written -1, which is no option.
@db.command(context_settings={"ignore_unknown_options": True})
def downgrade(revision: Revision, database: Database = None) -> None:
    """Undo migrations down to REVISION for an older version, with what they stored; no bot may run meanwhile."""
    _migrate(chosen_database(database), revision, migrate.downgrade)


def _migrate(database: Chosen, revision: str, move: Callable[[str, str], None]) -> None:
    with database.explaining(), acquire_process_lock(database.url):
        move(database.url, revision)
    _fits(database)


def _fits(database: Chosen) -> bool:
    with database.explaining():
        revision = read_only(database.url, lambda tx: migrate.revision_of(tx.connection))
    typer.echo(f"The database is at revision {revision or 'base'}; this version needs {migrate.newest()}.")
    return revision == migrate.newest()
