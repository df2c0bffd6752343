"""Activate changed flows while the bot runs, if they are correct, compatible with the database, and as promised."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

from bot.flow_versions import compatibility
from bot.flow_versions.current import FlowVersions
from bot.flow_versions.folder import FlowFolder
from bot.flow_versions.owner_messages import OwnerMessages
from bot.telemetry.metrics import Metrics
from engine.compiled import CompiledFlows
from engine.i18n import Language, Message, message
from engine.problems import FlowError, Problem
from storage.database.retrying import retry_until_available
from storage.database.runner import Runner
from storage.database.transaction import Transaction
from storage.records import requests
from storage.records.requests import KIND

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Trial:
    """How changed flows are tried: `play` returns what fails of the scenarios of a folder, without slowing people.

    Where they are `required`, only flows that pass are activated; else failures are told of.
    """

    play: Callable[[Path], Awaitable[list[Problem]]]
    required: bool = False


class Reloader:
    """Watches a folder of flows and activates changes.

    `say` prints the outcome for the operator, in `language`; `owner_messages` tell the owners, if they are to be told.
    """

    def __init__(
        self,
        folder: FlowFolder,
        flow_versions: FlowVersions,
        runner: Runner,
        metrics: Metrics,
        say: Callable[[str], None],
        language: Language,
        owner_messages: OwnerMessages | None,
        trial: Trial | None = None,
    ) -> None:
        self._trial = trial
        self._trying: asyncio.Task[None] | None = None
        self._folder = folder
        self._flow_versions = flow_versions
        self._runner = runner
        self._metrics = metrics
        self._say = say
        self._language = language
        self._owner_messages = owner_messages
        self._asked = asyncio.Event()

    @property
    def tries(self) -> bool:
        """Whether scenarios are played of flows that have changed."""
        return self._trial is not None

    def ask(self) -> None:
        """Read the flows again, changed or not."""
        self._asked.set()

    async def run(self) -> None:
        """Watch the folder until cancelled."""
        try:
            while True:
                asked = self._asked.is_set()
                self._asked.clear()
                if asked or await asyncio.to_thread(self._folder.has_changed):
                    await self.reload()
                await self._folder.change(self._asked)
        finally:
            await self._stop_trying()

    async def drain(self) -> None:
        """Wait until the flows that were activated last have been tried."""
        if self._trying:
            await self._trying

    async def _stop_trying(self) -> None:
        if self._trying:
            self._trying.cancel()
            with suppress(asyncio.CancelledError):
                await self._trying
            self._trying = None

    async def reload(self) -> bool:
        """Read the flows again and activate them; return whether they are active. If not, those before still are."""
        await self._stop_trying()
        try:
            flows = await asyncio.to_thread(self._folder.read)
            found = await self._run(lambda tx: compatibility.inspect(tx, flows))
            if problems := found.problems(str(self._folder.path)):
                raise FlowError(problems)
            if self._trial and self._trial.required and (failed := await self._trial.play(self._folder.path)):
                await self._refuse(failed, by_scenarios=True)
                return False
        except FlowError as error:
            await self._refuse(error.problems)
            return False
        except Exception as error:
            # Any mistake of ours that a file brings up: the bot goes on with the flows it has.
            self._flow_versions.refuse()
            log.exception("flows_unreadable", reason=type(error).__name__)
            self._metrics.reloaded("unreadable")
            return False
        self._flow_versions.activate(flows)
        trial = self._trial if self._trial and not self._trial.required else None
        # Whether all is well is known only once the scenarios are played.
        await self._run(lambda tx: prepare(tx, flows, None if trial else self._owner_messages))
        self._report(flows, found.to_the_menu)
        if trial:
            self._trying = asyncio.create_task(self._try(trial))
        return True

    async def _try(self, trial: Trial) -> None:
        """Tell where flows that are in use do not go as their scenarios say."""
        try:
            failed = await trial.play(self._folder.path)
        except Exception as error:
            # What cannot be tried is used all the same; nobody else waits for the outcome.
            log.exception("flows_unreadable", reason=type(error).__name__)
            return
        if not failed:
            if self._owner_messages:
                await self._run(self._owner_messages.tell_accepted)
            return
        log.warning("scenarios_failed", problems=[*map(str, failed)])
        self._list(message("The changed flows are in use, but they do not go as their scenarios say:"), failed)
        if self._owner_messages:
            await self._run(partial(self._owner_messages.tell_failed, problems=failed, refused=False))

    async def _refuse(self, problems: Sequence[Problem], *, by_scenarios: bool = False) -> None:
        self._flow_versions.refuse()
        log.error("flows_refused", problems=[*map(str, problems)])
        self._metrics.reloaded("refused")
        head = message("The changed flows are not used, those before go on:")
        if by_scenarios:
            head = message("The changed flows do not go as their scenarios say and are not used, those before go on:")
        self._list(head, problems)
        if owners := self._owner_messages:
            tell = partial(owners.tell_failed, refused=True) if by_scenarios else owners.tell_refused
            await self._run(partial(tell, problems=problems))

    def _list(self, head: Message, problems: Sequence[Problem]) -> None:
        self._say("\n".join([head.render(self._language), *(each.render(self._language) for each in problems)]))

    def _report(self, flows: CompiledFlows, to_the_menu: dict[str, int]) -> None:
        log.info("flows_reloaded", flows=dict(flows.versions))
        warn_of(to_the_menu)
        self._metrics.reloaded("adopted")
        self._metrics.expect(flows)
        self._say(message("The changed flows are in use.").render(self._language))

    async def _run(self, work: Callable[[Transaction], T]) -> T:
        """Run a unit of work as soon as the database can be reached."""
        return await retry_until_available(lambda: self._runner.run(work), lambda _: log.debug("reload_waits"))


def warn_of(to_the_menu: dict[str, int]) -> None:
    """Log the steps that were removed while conversations were in them, if any."""
    if to_the_menu:
        log.warning("steps_gone", conversations=to_the_menu)


def prepare(tx: Transaction, flows: CompiledFlows, owner_messages: OwnerMessages | None) -> None:
    """Do what is due in the database once `flows` are active."""
    restage(tx, flows)
    if owner_messages:
        owner_messages.tell_accepted(tx)


def restage(tx: Transaction, flows: CompiledFlows) -> None:
    """Set the stage of every request to that of its status in `flows`."""
    lifecycle = flows.lifecycles.get(KIND)
    if lifecycle:
        moved = {old: lifecycle.stages[new] for old, new in lifecycle.moved.items()}
        requests.recompute_stages(tx, {**lifecycle.stages, **moved})
