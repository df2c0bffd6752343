"""Activate changed flows while the bot runs, if they are correct and compatible with the database."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import structlog

from bot.flow_versions import compatibility
from bot.flow_versions.current import FlowVersions
from bot.flow_versions.folder import FlowFolder
from bot.flow_versions.owner_messages import OwnerMessages
from bot.telemetry.metrics import Metrics
from engine.compiled import CompiledFlows
from engine.i18n import Language, message
from engine.problems import FlowError, Problem
from storage.database.retrying import retry_until_available
from storage.database.runner import Runner
from storage.database.transaction import Transaction
from storage.records import requests
from storage.records.requests import KIND

T = TypeVar("T")

log = structlog.get_logger(__name__)


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
    ) -> None:
        self._folder = folder
        self._flow_versions = flow_versions
        self._runner = runner
        self._metrics = metrics
        self._say = say
        self._language = language
        self._owner_messages = owner_messages
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Read the flows again, changed or not."""
        self._asked.set()

    async def run(self) -> None:
        """Watch the folder until cancelled."""
        while True:
            asked = self._asked.is_set()
            self._asked.clear()
            if asked or await asyncio.to_thread(self._folder.has_changed):
                await self.reload()
            await self._folder.change(self._asked)

    async def reload(self) -> bool:
        """Read the flows again and activate them; return whether they are active. If not, those before still are."""
        try:
            flows = await asyncio.to_thread(self._folder.read)
            found = await self._run(lambda tx: compatibility.inspect(tx, flows))
            if problems := found.problems(str(self._folder.path)):
                raise FlowError(problems)
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
        await self._run(lambda tx: prepare(tx, flows, self._owner_messages))
        self._report(flows, found.to_the_menu)
        return True

    async def _refuse(self, problems: Sequence[Problem]) -> None:
        self._flow_versions.refuse()
        log.error("flows_refused", problems=[*map(str, problems)])
        self._metrics.reloaded("refused")
        head = message("The changed flows are not used, those before go on:")
        lines = [head.render(self._language), *(each.render(self._language) for each in problems)]
        self._say("\n".join(lines))
        if self._owner_messages:
            await self._run(partial(self._owner_messages.tell_refused, problems=problems))

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
