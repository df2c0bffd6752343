"""What commands share: settings or one line of error, work on the database, tables."""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer

from bot.settings import Settings, SettingsError, read_settings
from engine.i18n import Language
from engine.problems import Problem
from storage.database.diagnosis import explain
from storage.database.errors import StorageError
from storage.database.migrate import newest, revision_of
from storage.database.runner import open_runner
from storage.database.transaction import Transaction
from storage.database.url import normalise

T = TypeVar("T")
Folder = Annotated[
    Path | None, typer.Argument(metavar="[DIR]", help="The folder of flows; the shipped ones without it.")
]
Lang = Annotated[
    Language | None,
    typer.Option("--lang", help="The language of what is said of the flows; that of the locale without it."),
]
Database = Annotated[
    str | None, typer.Option("--database", metavar="URL", help="The database to work on; DATABASE_URL without it.")
]
Everything = Annotated[bool, typer.Option("--all", help="All that are listed.")]
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


def usable_settings() -> Settings:
    """Return the settings; ends the command with one line where one cannot be used."""
    try:
        return read_settings()
    except SettingsError as error:
        fail(str(error))


def fail(line: str) -> NoReturn:
    """End the command with one line on standard error and exit code 2."""
    typer.echo(f"zavhoz: {line}", err=True)
    raise typer.Exit(2)


def show_problems(problems: Iterable[Problem], language: Language) -> None:
    """Print mistakes of flows on standard error."""
    for problem in problems:
        typer.echo(problem.render(language), err=True)


def refuse(problems: Iterable[Problem], language: Language) -> NoReturn:
    """End the command with the mistakes of flows and exit code 1."""
    show_problems(problems, language)
    raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The database to work on, and where an operator named it."""

    url: str
    named: str

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """End the command with one line where the block's work on the database fails."""
        try:
            yield
        except StorageError as error:
            fail(f"{self.named}: {explain(error, self.url)}")


def chosen_database(url: str | None, *, there: bool = True) -> Chosen:
    """Return the database to work on; ends the command where it is none, or a SQLite file that is to be `there`."""
    chosen = Chosen(url, "--database") if url else Chosen(usable_settings().database_url, "DATABASE_URL")
    try:
        urls = normalise(chosen.url)
    except ValueError as error:
        fail(str(error).replace("DATABASE_URL", f"{chosen.named}:"))
    if there and urls.is_sqlite and not os.path.isfile(urls.path):  # noqa: PTH113 - says no, too, where it may not look
        fail(f"{chosen.named}: there is no file {urls.path}; name the bot's database, such as sqlite:///zavhoz.db")
    return chosen


def in_database(url: str | None, work: Callable[[Transaction], T]) -> T:
    """Run one unit of work on a database, beside a bot that may be running; ends the command where that fails."""
    chosen = chosen_database(url)
    with chosen.explaining():
        return asyncio.run(_run(chosen.url, work))


async def _run(url: str, work: Callable[[Transaction], T]) -> T:
    def checked(tx: Transaction) -> T:
        revision = revision_of(tx.connection)
        if revision != newest():
            raise StorageError(f"the database is at revision {revision}, not at {newest()}; zavhoz run brings it there")
        return work(tx)

    runner = open_runner(url)
    try:
        return await runner.run(checked)
    finally:
        await runner.close()


def chosen(ids: list[int] | None, everything: bool) -> list[int] | None:
    """Return the numbers that were given, None for all; ends the command where it is neither or both."""
    if bool(ids) == everything:
        fail("name what is meant by its ID, or say --all")
    return None if everything else ids


def show(head: Sequence[str], rows: Sequence[Sequence[object]], nothing: str) -> None:
    """Print a table with columns as wide as they need be, or `nothing` where it has no rows."""
    if not rows:
        typer.echo(nothing)
        return
    texts = [head, *([str(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        typer.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def age(lasted: timedelta) -> str:
    """Word how long ago something was, by its largest unit."""
    seconds = int(lasted.total_seconds())
    return next((f"{seconds // size} {unit}" for size, unit in _UNITS if seconds >= size), f"{seconds} s")
