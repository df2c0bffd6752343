"""The scenarios of a changed folder, played in a process beside the bot, so that nobody waits for them.

As a program, `python -m bot.scenarios.trial FOLDER ZONE`, it plays them and prints what failed as JSON. Transcripts are
not compared: whoever changes a text has not broken anything that a scenario says.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.helpdesk.hooks.registry import build_hooks
from bot.telemetry.logs import configure_logs
from engine.flows import load_flows
from engine.i18n import message
from engine.problems import FlowError, Position, Problem
from engine.reading.scenarios import FOLDER
from engine.scenarios import read_scenarios
from storage.models.constants import Role

PATIENCE = 300.0
"""Seconds after which scenarios that are still being played count as failed."""
_NOTHING = asyncio.subprocess.DEVNULL
POLITE = 10
"""By how much the process that plays gives way to others, as `nice` counts."""


async def failures(folder: Path, zone: str) -> list[Problem]:
    """Play the scenarios of a folder in another process; return what failed, none where it has no scenarios.

    That they cannot be played is a failure, too.
    """
    if not (folder / FOLDER).is_dir():
        return []
    command = (sys.executable, "-m", "bot.scenarios.trial", str(folder), zone)
    process = await asyncio.create_subprocess_exec(
        *command, stdin=_NOTHING, stdout=asyncio.subprocess.PIPE, stderr=_NOTHING
    )
    try:
        async with asyncio.timeout(PATIENCE):
            printed, _ = await process.communicate()
    except TimeoutError:
        return [_unplayed(folder)]
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if process.returncode:
        return [_unplayed(folder)]
    return [Problem.from_data(each) for each in json.loads(printed)]


def _unplayed(folder: Path) -> Problem:
    what = message("the scenarios could not be played to their end")
    return Problem(Position(str(folder / FOLDER), 1, 1), what, message("try them by hand: zavhoz test"))


def played(folder: Path, zone: ZoneInfo) -> list[Problem]:
    """Play the scenarios of a folder in this process; return what failed, or the mistakes in flows and scenarios."""
    try:
        flows = load_flows(folder, build_hooks(), zone)
        scenarios = read_scenarios(folder, [*Role])
    except FlowError as error:
        return error.problems
    from bot.scenarios.suite import staged  # noqa: PLC0415 - what has mistakes is told of without aiogram

    with staged() as stage:
        outcomes = [stage.play(each, flows, zone) for each in scenarios]
    return [failure.problem for outcome in outcomes for failure in outcome.failures]


def main(folder: str, zone: str) -> None:
    """Play the scenarios of a folder, and print what failed as JSON."""
    os.nice(POLITE)
    configure_logs("CRITICAL", "console")
    print(json.dumps([each.to_data() for each in played(Path(folder), ZoneInfo(zone))]))


if __name__ == "__main__":
    main(*sys.argv[1:])
