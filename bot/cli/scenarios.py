"""`zavhoz test`: the scenarios of flows, played."""

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.common import Folder, Lang, show_problems, usable_settings
from bot.helpdesk.hooks.registry import build_hooks
from bot.telemetry.logs import configure_logs
from engine.flows import load_flows, read_catalog
from engine.i18n import language_of_locale, message
from engine.introspection.parts import parts
from engine.problems import FlowError
from engine.scenarios import read_scenarios
from storage.models.constants import Role

if TYPE_CHECKING:
    from bot.scenarios.outcomes import Failure, Outcome

FAILED, UNREADABLE, NONE_FOUND = 1, 2, 5
"""Exit codes, as of pytest (https://docs.pytest.org/en/stable/reference/exit-codes.html)."""


def play(
    folder: Folder = None,
    words: Annotated[
        str, typer.Option("-k", metavar="WORDS", help="Only scenarios with these words in their name.")
    ] = "",
    accept: Annotated[bool, typer.Option("--accept", help="Keep the transcripts that come.")] = False,
    fail_under: Annotated[
        float, typer.Option(metavar="PERCENT", min=0, max=100, help="Fail where scenarios meet less of the flows.")
    ] = 0,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write what came as JUnit's XML, too.")] = None,
    lang: Lang = None,
) -> None:
    """Play the scenarios in DIR/tests, and say what differs and what of the flows none of them meets.

    Exits with 0 where all went as they say, 1 where not, 2 where flows or scenarios have mistakes, 5 where there are
    none.
    """
    language = lang or language_of_locale()
    settings = usable_settings()
    configure_logs("CRITICAL", "console")
    path = folder or settings.flows_dir
    try:
        flows = load_flows(path, build_hooks(), settings.zone)
        scenarios = read_scenarios(path, [*Role])
    except FlowError as error:
        show_problems(error.problems, language)
        raise typer.Exit(UNREADABLE) from None
    from bot.scenarios.report import Coverage, outcome_lines, summary, write_junit  # noqa: PLC0415 - as for `run`
    from bot.scenarios.suite import select, staged  # noqa: PLC0415

    chosen = select(scenarios, words)
    if not chosen:
        typer.echo(message("there is no such scenario in {folder}", folder=path / "tests").render(language), err=True)
        raise typer.Exit(NONE_FOUND)
    began = perf_counter()
    played: list[tuple[Outcome, list[Failure]]] = []
    with staged() as stage:
        for scenario in chosen:
            outcome = stage.play(scenario, flows, settings.zone)
            failures = _failures(outcome, accept=accept)
            played.append((outcome, failures))
            typer.echo("\n".join(outcome_lines(outcome, failures, language)))
    failed = sum(1 for _, failures in played if failures)
    typer.echo(summary(len(played), failed, perf_counter() - began, language))
    if junit:
        write_junit(junit, played, language)
    if words:
        raise typer.Exit(FAILED if failed else 0)
    coverage = Coverage(parts(read_catalog(path), flows), frozenset().union(*(each.met for each, _ in played)))
    typer.echo("\n".join(coverage.lines(language)))
    if failed or coverage.percent < fail_under:
        raise typer.Exit(FAILED)


def _failures(outcome: "Outcome", *, accept: bool) -> list["Failure"]:
    """Return what went otherwise than a scenario says; or, where nothing did, how its transcript differs."""
    from bot.scenarios.kept_transcripts import difference, keep  # noqa: PLC0415

    if outcome.failures:
        return [*outcome.failures]
    failure = difference(outcome)
    if failure and accept:
        keep(outcome)
        return []
    return [failure] if failure else []
