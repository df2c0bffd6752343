"""`zavhoz updates`: the quarantine of updates that failed every time."""

import json
from functools import partial
from typing import Annotated, Any

import typer

from bot.cli.common import Database, Everything, age, chosen, fail, in_database, show
from storage.database.transaction import Transaction
from storage.dialogs import quarantine
from storage.dialogs.quarantine import Quarantined

updates = typer.Typer(help="Updates that failed every time and were set aside.", no_args_is_help=True)

One = Annotated[int, typer.Argument(metavar="ID", help="The number in the list.")]
Some = Annotated[list[int], typer.Argument(metavar="ID...", help="Numbers in the list.")]
Maybe = Annotated[list[int] | None, typer.Argument(metavar="[ID...]", help="Numbers in the list.")]


@updates.command("list")
def list_updates(database: Database = None) -> None:
    """List them, without anybody's words; "retry" stands by those that are to be fed again."""

    def row(tx: Transaction, each: Quarantined) -> tuple[object, ...]:
        again = "retry" if each.retry_at else ""
        return each.id, each.update_id, _kind(each.raw), each.error, each.tries, age(tx.now - each.created_at), again

    rows = in_database(database, lambda tx: [row(tx, each) for each in quarantine.kept(tx)])
    show(("ID", "UPDATE", "KIND", "ERROR", "TRIES", "AGE", ""), rows, "No update is set aside.")


@updates.command("show")
def show_update(number: One, database: Database = None) -> None:
    """Print one as Telegram sent it. It may hold people's words."""
    found = in_database(database, partial(quarantine.find, row_id=number))
    if found is None:
        fail(f"there is no {number} among them; zavhoz updates list shows them")
    typer.echo(json.dumps(found.raw, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace"))


@updates.command("retry")
def retry_updates(numbers: Maybe = None, everything: Everything = False, database: Database = None) -> None:
    """Have them fed again by the bot that is running, within seconds; where none is, after the next start.

    An update that works now leaves the list. One that fails three times again stays, with its new error. One that took
    effect after all is known by its id, and has no second effect.
    """
    count = in_database(database, partial(quarantine.retry, chosen=chosen(numbers, everything)))
    typer.echo(f"To be fed again: {count}.")


@updates.command("drop")
def drop_updates(numbers: Some, database: Database = None) -> None:
    """Forget them: nothing will be done of what they asked for."""
    typer.echo(f"Forgotten: {in_database(database, partial(quarantine.drop, chosen=numbers))}.")


def _kind(raw: Any) -> str:
    return next((key[:20] for key in raw if key != "update_id"), "empty") if isinstance(raw, dict) else "unreadable"
