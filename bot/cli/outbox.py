"""`zavhoz outbox`: messages that were given up."""

from functools import partial
from typing import Annotated

import typer

from bot.cli.common import Database, Everything, age, chosen, in_database, show
from storage.database.transaction import Transaction
from storage.outbox import dead_letters
from storage.outbox.dead_letters import DeadLetter

outbox = typer.Typer(help="Dead letters: messages that were given up.", no_args_is_help=True)

Some = Annotated[list[int], typer.Argument(metavar="ID...", help="Numbers in the list.")]
Maybe = Annotated[list[int] | None, typer.Argument(metavar="[ID...]", help="Numbers in the list.")]


@outbox.command("list")
def list_letters(database: Database = None) -> None:
    """List them, without what people wrote: number, method, chat, tries, age, the reason."""

    def row(tx: Transaction, each: DeadLetter) -> tuple[object, ...]:
        return each.id, each.method, each.chat_id, each.tries, age(tx.now - each.created_at), each.last_error or ""

    rows = in_database(database, lambda tx: [row(tx, each) for each in dead_letters.kept(tx)])
    show(("ID", "METHOD", "CHAT", "TRIES", "AGE", "REASON"), rows, "No message was given up.")


@outbox.command("retry")
def retry_letters(numbers: Maybe = None, everything: Everything = False, database: Database = None) -> None:
    """Put them back into the queue of their chat; the bot sends them within seconds, in order.

    A message that a newer text has replaced since stays a dead letter: drop it.
    """
    count = in_database(database, partial(dead_letters.retry, chosen=chosen(numbers, everything)))
    typer.echo(f"To be sent again: {count}.")


@outbox.command("drop")
def drop_letters(numbers: Some, database: Database = None) -> None:
    """Delete them: they will not be sent."""
    typer.echo(f"Deleted: {in_database(database, partial(dead_letters.drop, chosen=numbers))}.")
