"""Listen for HTTP at an address."""

import logging
from dataclasses import dataclass

from aiohttp import web

from bot.web.access_log import AccessLog

GRACE = 0.5
"""Seconds for requests under way when the server stops."""


@dataclass(frozen=True, slots=True)
class Listening:
    """A server that listens; `url` has no slash at its end."""

    url: str
    runner: web.AppRunner

    async def close(self) -> None:
        """Stop listening and end what is under way."""
        await self.runner.cleanup()


async def listen(application: web.Application, host: str, port: int) -> Listening:
    """Serve an application; port 0 takes a free one. Raises `OSError` when the port is taken."""
    runner = web.AppRunner(
        application, access_log=logging.getLogger(__name__), access_log_class=AccessLog, shutdown_timeout=GRACE
    )
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    try:
        await site.start()
    except OSError:
        await runner.cleanup()
        raise
    name = f"[{host}]" if ":" in host else host
    return Listening(f"http://{name}:{runner.addresses[0][1]}", runner)
