"""The command line: `zavhoz --help` is its manual."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.common import Database, Folder, Lang, chosen_database, fail, refuse, show_problems, usable_settings
from bot.cli.database import db
from bot.cli.diffing import changed, compatibility
from bot.cli.outbox import outbox
from bot.cli.scenarios import play
from bot.cli.updates import updates
from bot.flow_versions.compatibility import inspect
from bot.flow_versions.folder import FlowFolder
from bot.helpdesk.hooks.registry import build_hooks
from bot.telemetry.logs import configure_logs
from engine.flows import check_folder, load_flows, read_catalog, read_what_fits
from engine.i18n import language_of_locale, message
from engine.introspection.changes import changes
from engine.introspection.graph import mermaid
from engine.introspection.hooks_reference import hooks_reference
from engine.introspection.json_schema import folder_schema, json_schema, scenario_schema
from engine.introspection.reference import reference as language_reference
from engine.problems import FlowError
from engine.scenarios import check_scenario_files
from storage.database.read_only import read_only
from storage.models.constants import Role

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(updates, name="updates")
app.add_typer(outbox, name="outbox")
app.add_typer(db, name="db")
app.command("test")(play)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(version("zavhoz"))
        raise typer.Exit


@app.callback()
def zavhoz(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """ZAVhoz: a Telegram bot for repair and maintenance requests."""


@app.command()
def run(lang: Lang = None) -> None:
    """Run the bot. With BOT_TOKEN it serves Telegram, without one a local chat page in the browser."""
    language = lang or language_of_locale()
    settings = usable_settings()
    configure_logs(settings.log_level, settings.log_format)
    from bot.serve import CannotServeError, serve  # noqa: PLC0415 - the others start ten times faster without aiogram

    folder = FlowFolder(settings.flows_dir, build_hooks(), settings.zone)
    try:
        serve(settings, folder, typer.echo, language)
    except FlowError as error:
        refuse(error.problems, language)
    except CannotServeError as error:
        fail(str(error))


@app.command()
def check(folder: Folder = None, lang: Lang = None) -> None:
    """Check the flows and their scenarios; print every mistake as file:line:column, exit with 1 where there is one."""
    language = lang or language_of_locale()
    settings = usable_settings()
    path = folder or settings.flows_dir
    try:
        problems = [*check_folder(path, build_hooks(), settings.zone), *check_scenario_files(path, [*Role])]
    except FlowError as error:
        problems = error.problems
    if problems:
        refuse(problems, language)
    typer.echo(message("The flows are in order.").render(language))


@app.command()
def schema(
    flows: Annotated[
        Path | None, typer.Option("--flows", metavar="DIR", help="Let it know the names in the flows of this folder.")
    ] = None,
    tests: Annotated[bool, typer.Option("--tests", help="Write that of a scenario instead.")] = False,
    lang: Lang = None,
) -> None:
    """Write the JSON Schema of a flow file, for editors: with --flows it knows steps, guards, lists and all else."""
    if tests:
        written = scenario_schema([*Role])
    elif flows:
        try:
            catalog = read_what_fits(flows)
        except FlowError as error:
            refuse(error.problems, lang or language_of_locale())
        written = folder_schema(catalog, build_hooks())
    else:
        written = json_schema()
    typer.echo(json.dumps(written, ensure_ascii=False, indent=2))


@app.command()
def reference() -> None:
    """Write the reference of the language and of everything that flows may name, as Markdown."""
    typer.echo(f"{language_reference()}\n{hooks_reference(build_hooks())}", nl=False)


@app.command()
def graph(folder: Folder = None, lang: Lang = None) -> None:
    """Write every flow and every life of a subject as Mermaid."""
    try:
        catalog = read_catalog(folder or usable_settings().flows_dir)
    except FlowError as error:
        refuse(error.problems, lang or language_of_locale())
    typer.echo(mermaid(catalog), nl=False)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The folder of flows that the bot uses.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The folder of flows that it is to use.")],
    database: Database = None,
    lang: Lang = None,
) -> None:
    """Say what changes from OLD to NEW, and who would be stranded: exit with 1 if anybody. Changes nothing."""
    language = lang or language_of_locale()
    try:
        before, after = read_catalog(old), read_catalog(new)
        flows = load_flows(new, build_hooks(), usable_settings().zone)
    except FlowError as error:
        show_problems(error.problems, language)
        raise typer.Exit(2) from None
    chosen = chosen_database(database)
    with chosen.explaining():
        found = read_only(chosen.url, lambda tx: inspect(tx, flows))
    typer.echo("\n".join([*changed(changes(before, after), language), "", *compatibility(found, language)]))
    if found.breaks:
        raise typer.Exit(1)


def main() -> None:
    """Run the command line."""
    app()
