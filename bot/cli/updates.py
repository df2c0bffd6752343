"""`zavhoz updates`: the quarantine of updates that failed every time."""

import json
from functools import partial
from typing import Annotated, Any

import typer

from bot.cli.common import Database, Everything, age, chosen, fail, in_database, show
from storage.database.transaction import Transaction
from storage.dialogs import quarantine
from storage.dialogs.quarantine import Quarantined

updates = typer.Typer(help="Quarantined updates: those that failed every time.", no_args_is_help=True)

One = Annotated[int, typer.Argument(metavar="ID", help="The number in the list.")]
Some = Annotated[list[int], typer.Argument(metavar="ID...", help="Numbers in the list.")]
Maybe = Annotated[list[int] | None, typer.Argument(metavar="[ID...]", help="Numbers in the list.")]


@updates.command("list")
def list_updates(database: Database = None) -> None:
    """List them, without what people wrote; "retry" marks those that are to be retried."""

    def row(tx: Transaction, each: Quarantined) -> tuple[object, ...]:
        again = "retry" if each.retry_at else ""
        return each.id, each.update_id, _kind(each.raw), each.error, each.tries, age(tx.now - each.created_at), again

    rows = in_database(database, lambda tx: [row(tx, each) for each in quarantine.kept(tx)])
    show(("ID", "UPDATE", "KIND", "ERROR", "TRIES", "AGE", ""), rows, "No update is quarantined.")


@updates.command("show")
def show_update(number: One, database: Database = None) -> None:
    """Print one as Telegram sent it; it may hold what people wrote."""
    found = in_database(database, partial(quarantine.find, row_id=number))
    if found is None:
        fail(f"there is no {number} among them; zavhoz updates list shows them")
    typer.echo(json.dumps(found.raw, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace"))


@updates.command("retry")
def retry_updates(numbers: Maybe = None, everything: Everything = False, database: Database = None) -> None:
    """Make the running bot process them again, within seconds; if none runs, after the next start.

    An update that succeeds leaves the list. One that fails three times again stays, with its new error. One that took
    effect after all is recognized by its id, and not applied twice.
    """
    count = in_database(database, partial(quarantine.retry, chosen=chosen(numbers, everything)))
    typer.echo(f"To be retried: {count}.")


@updates.command("drop")
def drop_updates(numbers: Some, database: Database = None) -> None:
    """Delete them: they will not be processed."""
    typer.echo(f"Deleted: {in_database(database, partial(quarantine.drop, chosen=numbers))}.")


def _kind(raw: Any) -> str:
    return next((key[:20] for key in raw if key != "update_id"), "empty") if isinstance(raw, dict) else "unreadable"
