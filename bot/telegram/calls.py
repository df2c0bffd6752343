"""Bot API calls by name, and what their errors mean."""

from collections.abc import Mapping
from functools import cache
from json import JSONDecodeError
from typing import Any

from aiogram import Bot, methods
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import Response, TelegramMethod
from aiogram.types import Message

HELD = (
    Response[bool],
    Response[Message],
    Response[Message | bool],
    Response[list[Message]],
    Response[list[dict[str, Any]]],
)
"""What aiogram parses answers with: pydantic drops such a class that nothing refers to, and to build one takes 5 ms."""
CALL_TIMEOUT = 20
"""Seconds after which a call that Telegram does not answer has failed."""
LONGEST_PAUSE = 60.0
"""Seconds between two attempts at most."""
MOST_TRIES = 5
"""Attempts at a call that fails through neither the network nor Telegram: then it is a mistake of ours."""
RESULTS = (
    (TelegramRetryAfter, "retry_after"),
    (TelegramForbiddenError, "forbidden"),
    (TelegramBadRequest, "refused"),
    (TelegramServerError, "server_error"),
)
"""What the metrics call a failure; any other is the network's or our own."""
TRANSIENT = (TelegramNetworkError, TelegramRetryAfter, TelegramServerError, TelegramUnauthorizedError)
"""Failures that say nothing about what was to be sent: the network's, Telegram's own, a token that is refused."""
UNCHANGED = "message is not modified"
LOST = ("message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID")
"""What Telegram says of a message that was deleted, or that cannot be edited any more."""


async def make_call(bot: Bot, method: str, chat_id: int, thread_id: int, call: dict[str, Any]) -> int | None:
    """Call a Bot API method by its name; return the id of the message it made, if it made one.

    An edit that changes nothing counts as made. Raises what aiogram raises, TelegramNetworkError where there is no
    answer for `CALL_TIMEOUT` seconds.
    """
    where: dict[str, Any] = {"chat_id": chat_id}
    if thread_id:
        where["message_thread_id"] = thread_id
    try:
        result = await bot(call_of(method, {**where, **call}), request_timeout=CALL_TIMEOUT)
    except TelegramBadRequest as error:
        if UNCHANGED not in error.message:
            raise
        return int(call["message_id"])
    if isinstance(result, list):
        result = result[0]
    return result.message_id if isinstance(result, Message) else None


def call_of(method: str, call: Mapping[str, Any]) -> TelegramMethod[Any]:
    """Return a call for aiogram, not validated: it has the Bot API's form already, and Telegram validates it anyway."""
    return _blank(method).model_copy(update=call)


@cache
def _blank(method: str) -> TelegramMethod[Any]:
    """Return a call that has only its defaults, to be copied: building them costs more than all else of a call."""
    known: type[TelegramMethod[Any]] = getattr(methods, method[:1].upper() + method[1:])
    return known.model_construct()


def result_of(error: Exception) -> str:
    """Return the name that metrics have for a failure."""
    return next((name for kind, name in RESULTS if isinstance(error, kind)), "failed")


def is_lost(error: TelegramBadRequest) -> bool:
    """Return whether the message that was to be edited is gone, or cannot be edited any more."""
    return any(each in error.message for each in LOST)


def pause_after(error: Exception, tries: int) -> float:
    """Return the seconds until the next attempt: what Telegram asks for, else twice as long after each one."""
    if isinstance(error, TelegramRetryAfter):
        return float(error.retry_after)
    return float(min(LONGEST_PAUSE, 2**tries))


def is_hopeless(error: Exception, tries: int) -> bool:
    """Return whether a call that failed `tries` times before is not to be made again."""
    return tries + 1 >= MOST_TRIES and not is_transient(error)


def is_transient(error: Exception) -> bool:
    """Return whether the same call may succeed later, however often it failed."""
    if isinstance(error, ClientDecodeError):
        # A gateway in front of Telegram that is out of order answers with a page of HTML.
        return isinstance(error.original, JSONDecodeError)
    return isinstance(error, TRANSIENT) and not isinstance(error, TelegramEntityTooLarge)
