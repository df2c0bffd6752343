"""The named moments at which a bot can be killed, put around the real functions from outside."""

from __future__ import annotations

import os
import signal
from functools import wraps
from typing import TYPE_CHECKING, Any

from aiogram.client.session.aiohttp import AiohttpSession
from sqlalchemy.engine.default import DefaultDialect

from storage import outbox, screens

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
    _around_commits(countdown)
    _around_sends(countdown)
    for module, name in ((outbox, "mark_sent"), (screens, "mark_shown")):
        setattr(module, name, _announced(getattr(module, name), countdown, "before_mark"))


def _around_commits(countdown: Countdown) -> None:
    writers: set[int] = set()
    do_execute, do_commit = DefaultDialect.do_execute, DefaultDialect.do_commit

    def executing(dialect: Any, cursor: Any, statement: str, *rest: Any) -> None:
        do_execute(dialect, cursor, statement, *rest)
        if not statement.lstrip().startswith("SELECT") and cursor.rowcount:
            # asyncpg's cursor as SQLAlchemy adapts it, sqlite3's own.
            writers.add(id(getattr(cursor, "_adapt_connection", None) or cursor.connection))

    def committing(dialect: Any, connection: Any) -> None:
        driver = id(connection.dbapi_connection)
        counts = driver in writers
        writers.discard(driver)
        if counts:
            countdown.passing("before_commit")
        do_commit(dialect, connection)
        if counts:
            countdown.passing("after_commit")

    DefaultDialect.do_execute = executing  # type: ignore[method-assign]
    DefaultDialect.do_commit = committing  # type: ignore[method-assign]


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
