"""Process quarantined updates again, when an operator asks for it."""

import asyncio
from functools import partial
from typing import NoReturn

import structlog

from bot.ingress.update_processor import UpdateProcessor
from bot.telegram.failure_logging import log_failure
from storage.database.runner import Runner
from storage.dialogs import quarantine
from storage.dialogs.quarantine import Quarantined

INTERVAL = 5.0
"""Seconds between two polls of the quarantine."""

log = structlog.get_logger(__name__)


class Retrier:
    """Leases quarantined updates that are to be retried; one that takes effect leaves the quarantine."""

    def __init__(self, runner: Runner, processor: UpdateProcessor, bot_id: int) -> None:
        self._runner = runner
        self._processor = processor
        self._bot_id = bot_id

    async def run(self) -> NoReturn:
        """Poll until cancelled."""
        while True:
            try:
                await self.retry()
            except Exception as error:
                log_failure(log, "retrying_waits", error)
            await asyncio.sleep(INTERVAL)

    async def retry(self) -> None:
        """Process what is to be retried now, one after the other."""
        for update in await self._runner.run(partial(quarantine.lease, bot_id=self._bot_id)):
            await self._process(update)

    async def _process(self, update: Quarantined) -> None:
        if not isinstance(update.raw, dict):
            log.error("retry_unreadable", quarantined_id=update.id, update_id=update.update_id)
            await self._runner.run(partial(quarantine.refuse, row_id=update.id, error="it cannot be read"))
            return
        # Should the bot die before the drop, the update is processed once more: the conversation knows its id.
        async with self._processor.lock_of(update.raw):
            if await self._processor.process(update.raw):
                await self._runner.run(partial(quarantine.drop, chosen=[update.id]))
                log.info("update_retried", update_id=update.update_id)
