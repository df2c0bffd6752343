"""The named moments at which a bot can be killed, put around the real functions from outside."""

from __future__ import annotations

import os
import signal
from functools import wraps
from typing import TYPE_CHECKING, Any

from aiogram.client.session.aiohttp import AiohttpSession

from storage.outbox import messages, screens
from tests.chaos.commits import announce_commits

if TYPE_CHECKING:
    from collections.abc import Callable

BOUNDARIES = ("before_commit", "after_commit", "before_send", "after_send", "before_mark")
"""Commits that wrote nothing and calls that show nothing to people do not count."""


class Countdown:
    """Kills the process it is in when it passes a boundary for the n-th time; `report` is called just before."""

    def __init__(self, boundary: str, passes: int, report: Callable[[], None]) -> None:
        self._boundary, self._left, self._report = boundary, passes, report

    def passing(self, boundary: str) -> None:
        """Say which boundary the process passes."""
        if boundary != self._boundary:
            return
        self._left -= 1
        if self._left == 0:
            self._report()
            os.kill(os.getpid(), signal.SIGKILL)


def install(countdown: Countdown) -> None:
    """Put the countdown around this process' commits, sends and marks."""
    announce_commits(countdown.passing)
    _around_sends(countdown)
    for module, name in ((messages, "mark_sent"), (screens, "mark_shown"), (screens, "apply_receipt")):
        setattr(module, name, _announced(getattr(module, name), countdown, "before_mark"))


def _around_sends(countdown: Countdown) -> None:
    original = AiohttpSession.make_request

    @wraps(original)
    async def make_request(session: Any, bot: Any, method: Any, *rest: Any, **named: Any) -> Any:
        shows = type(method).__name__.startswith(("Send", "Edit"))
        if shows:
            countdown.passing("before_send")
        result = await original(session, bot, method, *rest, **named)
        if shows:
            countdown.passing("after_send")
        return result

    AiohttpSession.make_request = make_request  # type: ignore[method-assign]


def _announced(original: Callable[..., Any], countdown: Countdown, boundary: str) -> Callable[..., Any]:
    @wraps(original)
    def passing(*given: Any, **named: Any) -> Any:
        countdown.passing(boundary)
        return original(*given, **named)

    return passing
